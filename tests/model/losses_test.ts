import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { ganLoss, l1Loss, type TargetMode } from "../../src/model/losses.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";

function patchesOf(logits: readonly number[]): Tensor {
  return tf.tensor4d([...logits], [1, 1, logits.length, 1]);
}

function lossOf(logits: readonly number[], target: number, mode: TargetMode): number {
  return valuesOf(() => ganLoss(patchesOf(logits), target, mode))[0]!;
}

function gradientOf(logits: readonly number[], target: number, mode: TargetMode): number[] {
  return valuesOf(() => tf.grad((x: Tensor) => ganLoss(x, target, mode))(patchesOf(logits)));
}

/** Sigmoid cross-entropy of one logit in float64, in the form that loses no digits. */
function crossEntropy(x: number, y: number): number {
  const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  return (1 - y) * softplus(x) + y * softplus(-x);
}

engineTest("the vanilla loss is the cross-entropy of what the logits say", () => {
  const ln3 = Math.log(3); // the logit of 3/4
  const cases: [logits: number[], target: number, expected: number][] = [
    [[0], 1, Math.LN2],
    [[0], 0, Math.LN2],
    [[0], 0.9, Math.LN2],
    [[ln3], 1, -Math.log(3 / 4)],
    [[ln3], 0, -Math.log(1 / 4)],
    [[ln3], 0.9, -0.9 * Math.log(3 / 4) - 0.1 * Math.log(1 / 4)],
    [[-ln3], 0.1, -0.1 * Math.log(1 / 4) - 0.9 * Math.log(3 / 4)],
    [[ln3, -ln3, 0, 0], 1, (-Math.log(3 / 4) - Math.log(1 / 4) + 2 * Math.LN2) / 4],
    [[ln3], 1.2, -1.2 * Math.log(3 / 4) + 0.2 * Math.log(1 / 4)], // labels beyond 1 push further
  ];
  for (const [logits, target, expected] of cases) {
    assertClose([lossOf(logits, target, "vanilla")], [expected], { relative: 2e-6 });
  }
});

engineTest("the vanilla loss neither overflows nor loses digits", () => {
  for (const x of [-1000, -90, -30, -12, -1, 1, 12, 30, 90, 1000]) {
    for (const target of [0, 0.1, 0.9, 1]) {
      const expected = crossEntropy(x, target);
      // Below 1e-38 float32 has no numbers left.
      assertClose([lossOf([x], target, "vanilla")], [expected], {
        relative: 2e-6,
        absolute: 1e-38,
      });
      const gradient = 1 / (1 + Math.exp(-x)) - target;
      const absolute = target === 0 || target === 1 ? 1e-38 : 1e-7;
      const exact = target === 1 ? -1 / (1 + Math.exp(x)) : gradient;
      assertClose(gradientOf([x], target, "vanilla"), [exact], { relative: 2e-6, absolute });
    }
  }
});

engineTest("the LSGAN loss is the mean squared distance from the target", () => {
  const cases: [logits: number[], target: number, loss: number, gradient: number[]][] = [
    [[1, -1], 1, 2, [0, -2]],
    [[1, -1], 0, 1, [1, -1]],
    [[0.5, 0], 0.5, 0.125, [0, -0.5]],
    [[3], -1, 16, [8]],
  ];
  for (const [logits, target, loss, gradient] of cases) {
    assert.deepEqual([lossOf(logits, target, "lsgan")], [loss]);
    assert.deepEqual(gradientOf(logits, target, "lsgan"), gradient);
  }
});

engineTest("both losses average over all patches of all pictures", () => {
  const logits = Array.from({ length: 24 }, (_, i) => i / 6 - 2);
  const expected = {
    vanilla: logits.reduce((sum, x) => sum + crossEntropy(x, 0.9), 0) / 24,
    lsgan: logits.reduce((sum, x) => sum + (x - 0.9) ** 2, 0) / 24,
  };
  for (const mode of ["vanilla", "lsgan"] as const) {
    const loss = valuesOf(() => ganLoss(tf.tensor4d(logits, [2, 3, 4, 1]), 0.9, mode));
    assertClose(loss, [expected[mode]], { relative: 2e-6 });
  }
});

engineTest("the L1 loss is the mean absolute difference, whose gradient at 0 is 0", () => {
  tf.tidy(() => {
    const fake = tf.tensor4d([1, -2, 3, 0.5], [1, 1, 2, 2]);
    const ab = tf.tensor4d([0, -2, 5, 0], [1, 1, 2, 2]);
    assert.deepEqual([...l1Loss(fake, ab).dataSync()], [0.875]);
    const gradient = tf.grad((fake: Tensor) => l1Loss(fake, ab))(fake);
    assert.deepEqual([...gradient.dataSync()], [0.25, 0, -0.25, 0.25]);
  });
});
