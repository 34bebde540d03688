import assert from "assert";
import tf from "@tensorflow/tfjs";
import { drawHints, drawPoints } from "../../src/augmentation/hint_draws.ts";
import { hintLoss } from "../../src/model/losses.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";

const size = 48;

/** ab that tells where a pixel is: a its row, b its column, over `size`. */
function places(batch: number): tf.Tensor {
  const line = tf.div(tf.range(0, size), size);
  const a = tf.tile(tf.reshape(line, [1, size, 1, 1]), [batch, 1, size, 1]);
  const b = tf.tile(tf.reshape(line, [1, 1, size, 1]), [batch, size, 1, 1]);
  return tf.concat([a, b], 3);
}

/** Photos of planes [B, S, S, 3]: the pixels with a hint, and their colours. */
function hintedPixels(planes: Float32Array, batch: number) {
  return Array.from({ length: batch }, (_, photo) => {
    const pixels: { y: number; x: number; a: number; b: number }[] = [];
    for (let i = 0; i < size * size; i++) {
      const [a = 0, b = 0, mask = 0] = planes.subarray(3 * (photo * size * size + i));
      if (mask === 0) assert.deepEqual([a, b], [0, 0]);
      else {
        assert.equal(mask, 1);
        pixels.push({ y: Math.floor(i / size), x: i % size, a, b });
      }
    }
    return pixels;
  });
}

engineTest("hints are drawn as Zhang et al. draw them, from the seed alone", async (engine) => {
  const batch = 400;
  const draw = async (step: number) => {
    const planes = tf.tidy(() => drawHints(places(batch), tf.tensor1d([7, step], "int32")));
    try {
      return await engine.read(planes) as Float32Array;
    } finally {
      planes.dispose();
    }
  };
  const first = await draw(1);
  assert.deepEqual(await draw(1), first);
  assert.notDeepEqual(await draw(2), first);

  const photos = hintedPixels(first, batch);
  // Of 400 photos one in eight has none: 50, with a standard deviation of 6.6.
  const none = photos.filter((pixels) => pixels.length === 0).length;
  assert.ok(none > 30 && none < 70, `${none}`);
  // Around the middle: the mean place of all hints is 23.5, their spread about a quarter of the side.
  const rows = photos.flat().map(({ y }) => y);
  const mean = rows.reduce((sum, y) => sum + y, 0) / rows.length;
  assert.ok(Math.abs(mean - (size - 1) / 2) < 2, `${mean}`);
  // A photo whose hints are one patch has a rectangle of 1 to 9 pixels a side, in the patch's mean colour.
  let single = 0;
  for (const pixels of photos) {
    const ys = [...new Set(pixels.map(({ y }) => y))], xs = [...new Set(pixels.map(({ x }) => x))];
    const colors = new Set(pixels.map(({ a, b }) => `${a.toFixed(5)} ${b.toFixed(5)}`));
    if (pixels.length === 0 || colors.size > 1) continue;
    assert.equal(pixels.length, ys.length * xs.length);
    assert.equal(ys.length, xs.length);
    assert.ok(ys.length <= 9);
    const center = (all: number[]) => all.reduce((sum, each) => sum + each, 0) / all.length / size;
    assertClose([pixels[0]!.a, pixels[0]!.b], [center(ys), center(xs)], { absolute: 1e-6 });
    single++;
  }
  assert.ok(single > 20, `${single} photos have one patch`);
});

engineTest("a validation gives as many hints as it says, anywhere", async (engine) => {
  for (const count of [1, 10]) {
    const planes = tf.tidy(() => drawPoints(places(20), tf.tensor1d([0, 1], "int32"), count));
    const photos = hintedPixels(await engine.read(planes) as Float32Array, 20);
    planes.dispose();
    for (const pixels of photos) {
      assert.ok(pixels.length <= 36 * count && pixels.length >= 36, `${pixels.length}`);
      if (count === 1) assert.equal(pixels.length, 36);
    }
    const places_ = new Set(photos.map(([pixel]) => `${pixel?.x} ${pixel?.y}`));
    assert.ok(places_.size > 10, "they are drawn photo by photo");
  }
});

engineTest("the hint loss counts hinted pixels alone, over the whole picture", async (engine) => {
  const loss = tf.tidy(() => {
    const fake = tf.zeros([1, 2, 2, 2]);
    const hints = tf.tensor4d([0.5, -0.25, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 2, 3]);
    return hintLoss(fake, hints);
  });
  assertClose(await engine.read(loss), [0.75 / 8], { absolute: 1e-7 });
  loss.dispose();
});
