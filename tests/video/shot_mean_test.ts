import assert from "assert";
import { chromaAt, lightnessAt } from "../../src/hints/byte_colors.ts";
import { DrawnClip } from "../../src/scenes/drawn_clip.ts";
import { Random } from "../../src/scenes/random.ts";
import { Flicker } from "../../src/video/flicker.ts";
import { ShotMean } from "../../src/video/shot_mean.ts";

const size = 48;

/** True colours, [size, size, 2]. */
function colorsOf(rgb: Uint8Array): Float32Array {
  const ab = new Float32Array(size * size * 2);
  for (let at = 0; at < size * size; at++) {
    const { a, b } = chromaAt(rgb, 3 * at);
    ab.set([a, b], 2 * at);
  }
  return ab;
}

function lightnessOf(rgb: Uint8Array): Float32Array {
  return Float32Array.from({ length: size * size }, (_, at) => lightnessAt(rgb, 3 * at));
}

/** Colours as a model predicts them, which wavers from frame to frame: by blocks of 8 x 8 pixels. */
function wavering(ab: Float32Array, frame: number): Float32Array {
  const random = new Random(7, frame);
  const blocks = Float32Array.from({ length: 2 * 6 * 6 }, () => random.between(-4, 4));
  return ab.map((value, i) => {
    const [x, y] = [Math.floor(i / 2) % size, Math.floor(i / 2 / size)];
    return value + blocks[2 * (Math.floor(y / 8) * 6 + Math.floor(x / 8)) + i % 2]!;
  });
}

const meanDistance = (ab: Float32Array, other: Float32Array) =>
  ab.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / ab.length;

Deno.test("flicker falls to less than a third where lightness is still, and colours are no worse", () => {
  const shotFrames = 24;
  const clip = new DrawnClip({ size, shotFrames });
  const mean = new ShotMean(size);
  const [each, smooth] = [new Flicker(size), new Flicker(size)];
  let [off, offSmooth] = [0, 0];
  let before: readonly [Float32Array, Float32Array, Float32Array] | undefined;
  for (let index = 0; index < 3 * shotFrames; index++) {
    const { rgb, clean } = clip.frame(index);
    const predicted = wavering(colorsOf(clean), index);
    const colors = mean.next(predicted, rgb).slice();
    const isFirst = index % shotFrames === 0;
    assert.equal(mean.startsShot, isFirst, `frame ${index}`);
    if (isFirst) assert.deepEqual(colors, predicted, "nothing of the shot before is in it");
    const L = lightnessOf(rgb);
    if (!isFirst && before) {
      each.add({ L: before[0], ab: before[1] }, { L, ab: predicted });
      smooth.add({ L: before[0], ab: before[2] }, { L, ab: colors });
    }
    off += meanDistance(predicted, colorsOf(clean));
    offSmooth += meanDistance(colors, colorsOf(clean));
    before = [L, predicted, colors];
  }
  const part = each.pixels / (3 * (shotFrames - 1) * size * size);
  assert.ok(part > 0.4, `only ${part} of the pixels are still`);
  const ratio = smooth.mean / each.mean;
  assert.ok(ratio < 1 / 3, `${smooth.mean} of ${each.mean}`);
  assert.ok(offSmooth < 0.9 * off, `${offSmooth} of ${off} away from the truth`);
});

/** A gray frame with a bright square at `x`, and its colours: red on gray. */
function squareAt(x: number, light = 0) {
  const rgb = new Uint8Array(size * size * 3).fill(120 + light);
  const ab = new Float32Array(size * size * 2);
  for (let row = 16; row < 32; row++) {
    for (let column = x; column < x + 12; column++) {
      rgb.fill(180 + light, 3 * (row * size + column), 3 * (row * size + column) + 3);
      ab[2 * (row * size + column)] = 60;
    }
  }
  return { rgb, ab };
}

Deno.test("no colour stays where something has left", () => {
  const mean = new ShotMean(size);
  for (let frame = 0; frame < 12; frame++) mean.next(squareAt(2).ab, squareAt(2).rgb);
  const { rgb, ab } = squareAt(30);
  const colors = mean.next(ab, rgb);
  assert.equal(mean.startsShot, false, "a thing that jumps is no cut");
  assert.ok(meanDistance(colors, ab) < 0.05, `${meanDistance(colors, ab)}`);
  assert.ok(Math.abs(colors[2 * (24 * size + 8)]!) < 0.5, "where it was");
  assert.ok(Math.abs(colors[2 * (24 * size + 36)]! - 60) < 0.5, "where it is");
});

Deno.test("a lamp that flickers is no cut, and leaves the mean whole", () => {
  const mean = new ShotMean(size);
  let still = 0;
  for (let frame = 0; frame < 16; frame++) {
    const { rgb, ab } = squareAt(2, frame % 2 === 0 ? 0 : 12);
    const predicted = ab.map((value) => value + (frame % 2 === 0 ? 5 : -5));
    const colors = mean.next(predicted, rgb);
    assert.equal(mean.startsShot, frame === 0);
    still = meanDistance(colors, ab);
  }
  assert.ok(still < 1, `${still} of 5 is left`); // 5 / 16 where it is quite whole
});

Deno.test("what is not a number in one frame's colours is gone with the next but one", () => {
  const mean = new ShotMean(size);
  const gray = new Uint8Array(size * size * 3).fill(100);
  const colors = new Float32Array(size * size * 2).fill(9);
  mean.next(colors, gray);
  mean.next(colors.map((value, at) => at === 300 ? NaN : value), gray);
  mean.next(colors, gray);
  assert.deepEqual(mean.next(colors, gray), colors);
});
