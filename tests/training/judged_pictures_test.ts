import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { labOfBytes, scaleLab } from "../../src/color/lab.ts";
import { judgedPictures, saturatedTarget } from "../../src/training/judged_pictures.ts";
import { assertSlopes } from "../engine/kernels/differences.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";

/** Pixels in a row: gray, skin, sky, black, white, and primaries at the edge of sRGB. */
const bytes = [
  [128, 128, 128],
  [224, 172, 140],
  [90, 150, 210],
  [0, 0, 0],
  [255, 255, 255],
  [255, 0, 0],
  [10, 40, 5],
  [250, 250, 10],
].flat();

engineTest("a judge of rgb sees the picture's own sRGB, one of ab L beside ab", (engine) => {
  const pixels = engine.uint8Tensor(Uint8Array.from(bytes), [1, 2, 4, 3]);
  const lab = tf.tidy(() => scaleLab(labOfBytes(pixels)) as unknown as { L: Tensor; ab: Tensor });
  // Over 127.5: L*a*b* and back in float32 comes within a hundredth of a byte.
  assertClose(
    valuesOf(() => judgedPictures(lab, "rgb")),
    bytes.map((byte) => byte / 127.5 - 1),
    { absolute: 2e-4 },
  );
  assert.deepEqual(
    valuesOf(() => judgedPictures(lab, "ab")),
    valuesOf(() => tf.concat([lab.L, lab.ab], 3)),
  );
  tf.dispose([pixels, lab.L, lab.ab]);
});

engineTest("its gradient by ab is the slope that central differences find", () => {
  tf.tidy(() => {
    const L = tf.linspace(-0.2, 0.5, 16).reshape([1, 4, 4, 1]);
    const ab = tf.mul(tf.randomUniform([1, 4, 4, 2], -1, 1, "float32", 5), 0.08);
    const weights = tf.randomNormal([1, 4, 4, 3], 0, 1, "float32", 6);
    const f = (ab: Tensor) =>
      tf.sum(tf.mul(tf.square(judgedPictures({ L, ab }, "rgb")), weights)) as Tensor;
    // Inside sRGB, whose edges bend it. Values of about 5 and steps of 5e-3: 1e-4 from each.
    assertSlopes(f, [ab], { step: 5e-3, relative: 2e-3 });
  });
});

engineTest("a channel that is cut off has no gradient, and none is infinite", () => {
  const gradient = valuesOf(() => {
    const L = tf.tensor4d([-1, 1, 0], [1, 1, 3, 1]);
    const sum = (ab: Tensor) => tf.sum(judgedPictures({ L, ab }, "rgb")) as Tensor;
    // Black with and without colour, and a colour far outside: only what lies inside counts.
    return tf.grad(sum)(tf.tensor4d([0, 0, 0.5, -0.5, 1, 1], [1, 1, 3, 2]));
  });
  assert.ok(gradient.every(Number.isFinite), `${gradient}`);
});

engineTest("a saturated target has the chroma times the factor, and the same hue", () => {
  const ab = tf.tensor4d([0.1, -0.2, 0, 0.9], [1, 1, 2, 2]);
  const saturated = valuesOf(() => saturatedTarget(ab, 1.2).clone());
  assertClose(saturated, [0.12, -0.24, 0, 1], { absolute: 1e-6 }); // cut off at 1
  assert.equal(saturatedTarget(ab, 1), ab);
  assert.deepEqual(valuesOf(() => tf.abs(saturatedTarget(ab, 0))), [0, 0, 0, 0]);
  ab.dispose();
});
