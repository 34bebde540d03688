import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { labOfBytes } from "../../src/color/lab.ts";
import { recolor } from "../../src/color/recolor.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { PhotoRecolorer } from "../../src/inference/photo_recolorer.ts";
import { resamplingWeights } from "../../src/inference/resampling.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { largestDifference, paint } from "../images/test_photos.ts";

/** A photo of a slope with stripes. */
function makePhoto(width: number, height: number) {
  const rgb = paint(width, height, (x, y) => {
    const light = 40 + Math.round(150 * x / width) + (y % 16 < 8 ? 20 : 0);
    return [light, light, light];
  });
  return { width, height, rgb };
}

/** Colours that change over the picture: a from left to right, b downwards. [side, side, 2]. */
function makeColors(side: number, reach = 0.4): Tensor {
  return tf.tidy(() => {
    const across = tf.linspace(-reach, reach, side);
    const a = tf.tile(tf.reshape(across, [1, side, 1]), [side, 1, 1]);
    const b = tf.tile(tf.reshape(across, [side, 1, 1]), [1, side, 1]);
    return tf.concat([a, b], 2);
  });
}

/** What recolor() gives for a whole photo at once. */
function recolored(engine: Engine, photo: ReturnType<typeof makePhoto>, ab: Tensor): Uint8Array {
  const { width, height, rgb } = photo;
  const side = ab.shape[0]!;
  return tf.tidy(() => {
    const rows = tf.tensor2d(resamplingWeights(side, height), [height, side]);
    const columns = tf.tensor2d(resamplingWeights(side, width), [width, side]);
    const [a, b] = tf.unstack(tf.mul(ab, 110), 2)
      .map((plane) => tf.matMul(tf.matMul(rows, plane as never), columns, false, true));
    const pixels = engine.uint8Tensor(rgb, [1, height, width, 3]);
    return recolor(pixels, { a: a!, b: b! }).dataSync() as unknown as Uint8Array;
  });
}

const sizes = [[1, 1], [1, 300], [128, 128], [129, 257], [256, 100], [700, 513], [
  1030,
  20,
]] as const;

engineTest("recolor() of tiles is that of the whole photo, whatever its size", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const ab = makeColors(32);
  for (const [width, height] of sizes) {
    const photo = makePhoto(width, height);
    const { rgb: colored } = await recolorer.recolor(photo, ab);
    const whole = recolored(engine, photo, ab);
    assert.equal(colored.length, width * height * 3);
    // One, where the sums of a product are taken in another order and a value lies between two bytes.
    assert.ok(largestDifference(colored, whole) <= 1, `${width} x ${height}`);
  }
  ab.dispose();
});

engineTest(
  "recolor() of tiles that lie in few of the colours is that of the whole photo",
  async (engine) => {
    using recolorer = new PhotoRecolorer(engine);
    const ab = makeColors(128);
    // Tiles of 512 columns lie in 35 of the colours, those of 256 rows in all; and the other way about.
    for (const [width, height] of [[2200, 300], [300, 1100]] as const) {
      const photo = makePhoto(width, height);
      const { rgb: colored } = await recolorer.recolor(photo, ab);
      assert.ok(
        largestDifference(colored, recolored(engine, photo, ab)) <= 1,
        `${width} x ${height}`,
      );
    }
    ab.dispose();
  },
);

engineTest("recolor() of 16 bits keeps to the tiles, too", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const ab = makeColors(32);
  const photo = makePhoto(600, 300);
  const rgb = Uint16Array.from(photo.rgb, (value) => value * 257);
  const eight = await recolorer.recolor(photo, ab);
  const { deep } = await recolorer.recolor({ ...photo, deep: { rgb, alpha: undefined } }, ab);
  ab.dispose();
  assert.ok(deep);
  assert.equal(deep.rgb.length, eight.rgb.length);
  const rounded = deep.rgb.map((value) => Math.round(value / 257));
  assert.ok(rounded.every((value, i) => Math.abs(value - eight.rgb[i]!) <= 1));
});

engineTest("recolor() puts the colours where they belong", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const photo = { width: 600, height: 300, rgb: new Uint8Array(600 * 300 * 3).fill(128) };
  const ab = makeColors(64, 0.15); // sRGB holds them at this lightness
  const { rgb: colored } = await recolorer.recolor(photo, ab);
  ab.dispose();
  const labAt = (x: number, y: number) => {
    const at = 3 * (y * 600 + x);
    return tf.tidy(() => {
      const pixel = engine.uint8Tensor(colored.slice(at, at + 3), [1, 1, 1, 3]);
      return [...labOfBytes(pixel).dataSync()];
    });
  };
  for (const [x, y] of [[75, 40], [300, 150], [520, 250], [590, 40]] as const) {
    const [, a, b] = labAt(x, y);
    // From -16.5 in the middle of the first of 64 samples to 16.5 in the last one's.
    const expected = [(x + 0.5) / 600, (y + 0.5) / 300].map((t) => 33 * (t * 64 - 32) / 63);
    assertClose([a!, b!], expected, { absolute: 0.7 }); // rounding to bytes
  }
});

engineTest("recolor() multiplies the colours by the saturation, down to gray", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const photo = makePhoto(40, 30);
  const ab = makeColors(32, 0.2);
  const spread = async (saturation: number) => {
    const { rgb: colored } = await recolorer.recolor(photo, ab, { saturation });
    return colored.reduce((sum, v, i) => sum + Math.abs(v - colored[i - i % 3]!), 0);
  };
  const [none, half, full] = [await spread(0), await spread(0.5), await spread(1)];
  ab.dispose();
  assert.equal(none, 0);
  assert.ok(Math.abs(half / full - 0.5) < 0.05, `${half / full}`);
});

engineTest("recolor() stops between tiles when it is told to", async (engine) => {
  using recolorer = new PhotoRecolorer(engine);
  const ab = makeColors(32);
  const controller = new AbortController();
  const { signal } = controller;
  const running = recolorer.recolor(makePhoto(2000, 600), ab, { signal });
  controller.abort(new Error("enough"));
  await assert.rejects(running, /enough/);
  ab.dispose();
});
