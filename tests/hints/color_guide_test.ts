import assert from "assert";
import tf from "@tensorflow/tfjs";
import { ciede2000 } from "../../src/color/ciede2000.ts";
import { labOfBytes } from "../../src/color/lab.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { chromaOfRgb, lightnessAt } from "../../src/hints/byte_colors.ts";
import { ColorGuide } from "../../src/hints/color_guide.ts";
import type { ColorHint } from "../../src/hints/color_hint.ts";
import { PhotoRecolorer } from "../../src/inference/photo_recolorer.ts";
import { engineTest } from "../engine/test_engine.ts";
import { paint } from "../images/test_photos.ts";

/** A dark half and a light one, with some grain. */
function halves(width: number, height: number) {
  const rgb = paint(width, height, (x, y) => {
    const light = (x < width / 2 ? 90 : 180) + (x * 7 + y * 13) % 5;
    return [light, light, light];
  });
  return { width, height, rgb };
}

const hint = (x: number, y: number, rgb: number, radius = 0): ColorHint => ({
  x,
  y,
  radius,
  ...chromaOfRgb(rgb),
});

/** L*a*b* of a picture, [pixels, 3]. */
function labOf(engine: Engine, rgb: Uint8Array): Float32Array {
  return tf.tidy(() =>
    labOfBytes(engine.uint8Tensor(rgb, [1, 1, rgb.length / 3, 3])).dataSync<"float32">().slice()
  );
}

/** ΔE2000 of two colours of one lightness. */
function differenceOf(first: readonly number[], second: readonly number[]): number {
  return tf.tidy(() =>
    ciede2000(tf.tensor2d([[...first]]), tf.tensor2d([[...second]])).dataSync()[0]!
  );
}

engineTest("lightnessAt() and chromaOfRgb() are those of the tensors", (engine) => {
  const rgb = paint(64, 64, (x, y) => [4 * x, 4 * y, (x * y) % 256]);
  const lab = labOf(engine, rgb);
  for (let pixel = 0; pixel < 64 * 64; pixel++) {
    // Of steps of 1/4096 in Y, where L* rises by 903 Y.
    assert.ok(Math.abs(lightnessAt(rgb, 3 * pixel) - lab[3 * pixel]!) < 0.12);
    const at = 3 * pixel;
    const { a, b } = chromaOfRgb(rgb[at]! << 16 | rgb[at + 1]! << 8 | rgb[at + 2]!);
    assert.ok(Math.hypot(a - lab[at + 1]!, b - lab[at + 2]!) < 1e-2, `${a} ${b}`);
  }
});

engineTest("hints are met at their pixels, and stay on their side of an edge", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  // Tiles of both sizes, and a height that is no multiple of the cells'.
  for (const [width, height] of [[200, 131], [900, 577]] as const) {
    const photo = halves(width, height);
    const ab = tf.fill([32, 32, 2], 0.2);
    const hints = [
      hint(width * 0.2 + 0.5, height / 2, 0x704040),
      hint(width / 2 - 1, height * 0.9, 0x406040),
      hint(width * 0.8, height - 1, 0xb0b0e0, 5),
      hint(width - 1, 0, 0xb4b4b4), // gray
    ];
    const guide = await ColorGuide.over(photo, { hints });
    const plain = labOf(engine, (await recolorer.recolor(photo, ab)).rgb);
    const guided = labOf(engine, (await recolorer.recolor(photo, ab, { guide })).rgb);
    const original = labOf(engine, photo.rgb);
    ab.dispose();
    for (const { x, y, a, b } of hints) {
      const at = 3 * (Math.floor(y) * width + Math.floor(x));
      const [L = 0, ...colors] = guided.slice(at, at + 3);
      assert.ok(differenceOf([L, ...colors], [L, a, b]) < 2, `${colors} for ${a}, ${b}`);
    }
    // Two in the dark half alone change nothing of the light one.
    const dark = await ColorGuide.over(photo, { hints: hints.slice(0, 2) });
    const still = tf.fill([32, 32, 2], 0.2);
    const half = labOf(engine, (await recolorer.recolor(photo, still, { guide: dark })).rgb);
    still.dispose();
    let reached = 0;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const at = 3 * pixel;
      assert.ok(Math.abs(guided[at]! - original[at]!) < 0.5, "lightness stays");
      const change = Math.hypot(half[at + 1]! - plain[at + 1]!, half[at + 2]! - plain[at + 2]!);
      // Pixels of the cells that the edge runs through have a trace of it, which nobody sees.
      if (pixel % width >= width / 2) assert.ok(change < 1, `${change} at ${pixel % width}`);
      else if (change > 3) reached++;
    }
    assert.ok(reached > 0.9 * width * height / 2, `${reached} of ${width * height / 2}`);
  }
});

engineTest("a saturation changes what is predicted, not what is given", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const photo = halves(100, 100);
  const guide = await ColorGuide.over(photo, { hints: [hint(25, 50, 0x704040)] });
  const ab = tf.fill([32, 32, 2], 0.2);
  const none = labOf(engine, (await recolorer.recolor(photo, ab, { guide, saturation: 0 })).rgb);
  ab.dispose();
  const { a, b } = chromaOfRgb(0x704040);
  const at = 3 * (50 * 100 + 25);
  assert.ok(Math.hypot(none[at + 1]! - a, none[at + 2]! - b) < 1);
  assert.ok(Math.abs(none[3 * (50 * 100 + 75) + 1]!) < 0.1, "the other half is gray");
});

engineTest("strokes are met at their pixels, and spread as points do", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const photo = halves(300, 200);
  const alpha = new Uint8Array(300 * 200);
  const rgb = new Uint8Array(300 * 200 * 3);
  for (let x = 20; x < 120; x++) {
    for (let y = 100; y < 104; y++) {
      alpha[y * 300 + x] = 255;
      rgb.set([0x70, 0x40, 0x40], 3 * (y * 300 + x));
    }
  }
  const guide = await ColorGuide.over(photo, { hints: [], strokes: { rgb, alpha } });
  const ab = tf.zeros([32, 32, 2]);
  const guided = labOf(engine, (await recolorer.recolor(photo, ab, { guide })).rgb);
  ab.dispose();
  const { a, b } = chromaOfRgb(0x704040);
  const off = (x: number, y: number) => {
    const at = 3 * (y * 300 + x);
    return Math.hypot(guided[at + 1]! - a, guided[at + 2]! - b);
  };
  for (let x = 20; x < 120; x++) assert.ok(off(x, 102) < 1, `${off(x, 102)}`);
  // 0.13 away where the reach is 0.4: exp(-(0.33 ^ 4)) is 0.99.
  assert.ok(off(60, 60) < 2 && off(140, 120) < 2, `${off(60, 60)}, ${off(140, 120)}`);
  assert.ok(off(160, 102) > 20, "not over the edge");
});

Deno.test("a guide stops when it is told to", async () => {
  const controller = new AbortController();
  const photo = { width: 3000, height: 2000, rgb: new Uint8Array(3000 * 2000 * 3) };
  const made = ColorGuide.over(photo, { hints: [hint(1, 1, 0xff0000)] }, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(made, /enough/);
});

Deno.test("squashed() has hints and strokes where a squashed photo has them, and nothing else", async () => {
  const photo = halves(200, 100);
  const alpha = new Uint8Array(200 * 100);
  const rgb = new Uint8Array(200 * 100 * 3);
  // A stroke of 4 x 2 pixels, which are one of 50 x 50: half of it red, half of it blue.
  for (const [x, color] of [[20, 0xff0000], [21, 0xff0000], [22, 0x0000ff], [23, 0x0000ff]]) {
    for (const y of [10, 11]) {
      alpha[y * 200 + x!] = 255;
      rgb.set([color! >> 16, 0, color! & 255], 3 * (y * 200 + x!));
    }
  }
  const hints = [hint(0, 0, 0x00ff00), hint(100.5, 60.5, 0xffff00, 6), hint(199.9, 99.9, 0xff00ff)];
  const guide = await ColorGuide.over(photo, { hints, strokes: { rgb, alpha } });
  const planes = guide.squashed(50);
  const marked = new Map<string, number[]>();
  for (let i = 0; i < 50 * 50; i++) {
    const [a = 0, b = 0, mask = 0] = planes.subarray(3 * i);
    if (mask === 1) marked.set(`${i % 50} ${Math.floor(i / 50)}`, [a, b]);
    else assert.deepEqual([a, b, mask], [0, 0, 0]);
  }
  const of = (color: number) => Object.values(chromaOfRgb(color)).map(Math.fround);
  const [red, blue] = [of(0xff0000), of(0x0000ff)];
  const mean = red.map((each, i) => Math.fround((each + blue[i]!) / 2));
  assert.deepEqual(marked.get("0 0"), of(0x00ff00));
  assert.deepEqual(marked.get("49 49"), of(0xff00ff));
  for (const [i, each] of marked.get("5 5")!.entries()) assert.ok(Math.abs(each - mean[i]!) < 1e-4);
  // A disc of radius 6 around 100.5, 60.5: 94.5 to 106.5 of 200 pixels, of which each covers four, and
  // 54.5 to 66.5 of 100, two each; pixels count whose centres are inside.
  const disc = [...marked].filter(([, color]) => color.join() === of(0xffff00).join());
  const columns = new Set(disc.map(([place]) => Number(place.split(" ")[0])));
  const rows = new Set(disc.map(([place]) => Number(place.split(" ")[1])));
  assert.deepEqual(
    [...columns],
    [24, 25, 26].filter((x) => 4 * x + 2 >= 94.5 && 4 * x + 2 <= 106.5),
  );
  assert.deepEqual([...rows].sort(), [27, 28, 29, 30, 31, 32]);
  assert.equal(marked.size, 3 + disc.length);
});
