import assert from "assert";
import tf from "@tensorflow/tfjs";
import { globalNorm } from "../../src/engine/kernels/norms.ts";
import { clipGradients } from "../../src/training/clipping.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import expected from "../testdata/optimizing/expected.json" with { type: "json" };

// float32 on both sides: some roundings of 6e-8 each.
const tolerance = { relative: 1e-6 };

for (const { clipNorm, shapes, gradients, norm, clipped } of expected.clipping) {
  engineTest(`a norm of ${norm} is cut to ${clipNorm} as by PyTorch's clip_grad_norm_`, () => {
    tf.tidy(() => {
      const given = gradients.map((values, i) => tf.tensor(values, shapes[i]!));
      assertClose([...globalNorm(given).dataSync()], [norm], tolerance);
      const made = clipGradients(given, clipNorm);
      made.forEach((gradient, i) => {
        assert.deepEqual(gradient.shape, shapes[i]);
        assertClose(gradient.dataSync(), clipped[i]!, tolerance);
      });
    });
  });
}

engineTest("without a limit the gradients are the very same tensors", () => {
  tf.tidy(() => {
    const given = [tf.tensor1d([1, 2]), tf.tensor1d([3])];
    const made = clipGradients(given, 0);
    made.forEach((gradient, i) => assert.equal(gradient, given[i]));
  });
});

engineTest("gradients that are not finite stay so, for the losses' check to find", () => {
  tf.tidy(() => {
    const made = clipGradients([tf.tensor1d([1, NaN]), tf.tensor1d([3])], 1);
    assert.deepEqual(made.map((gradient) => [...gradient.dataSync()]), [[NaN, NaN], [NaN]]);
    const infinite = clipGradients([tf.tensor1d([1, Infinity])], 1);
    assert.deepEqual([...infinite[0]!.dataSync()], [0, NaN]);
  });
});
