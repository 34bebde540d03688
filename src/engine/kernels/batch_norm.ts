import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import {
  at,
  floatType,
  type KernelAttributes,
  type OperationAttribute,
  registerKernelGradient,
  registerOperation,
  runKernel,
} from "./kernel.ts";

/** What a training batch norm gives. */
interface BatchNormResult {
  /** The normalized input, [B, H, W, C]. */
  readonly y: Tensor;
  /** The running mean and variance, moved towards the batch's, [C] each. */
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
}

/**
 * Batch norm in training mode (Ioffe & Szegedy, 2015): normalizes over [B, H, W] with the batch's
 * own statistics, and moves the running ones. As in PyTorch the running variance takes in the
 * unbiased batch variance, while the biased one normalizes.
 *
 * @param x [B, H, W, C].
 * @param scale gamma, [C]; `offset` beta, [C].
 * @param running mean and variance before this batch, [C] each.
 * @param options `momentum`: the weight of this batch in the running statistics.
 */
export function batchNormTraining(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  running: { readonly mean: Tensor; readonly variance: Tensor },
  { epsilon, momentum }: { readonly epsilon: number; readonly momentum: number },
): BatchNormResult {
  return tf.tidy(() => {
    const results = runKernel(
      "BatchNormTraining",
      { x, scale, offset, mean: running.mean, variance: running.variance },
      { epsilon, momentum },
    );
    return { y: at(results, 0), runningMean: at(results, 1), runningVariance: at(results, 2) };
  });
}

/** Registers the kernel over FusedBatchNormV3 and its gradient over FusedBatchNormGradV3. */
export function registerBatchNorm(): void {
  registerOperation("BatchNormTraining", ["x", "scale", "offset", "mean", "variance"], {
    name: "FusedBatchNormV3",
    attributes: (given) => [
      ...shared(given),
      { name: "exponential_avg_factor", float: Number(given.momentum) },
    ],
    outputs: 6, // y, mean, variance, and three that only the gradient understands
  });
  registerOperation("BatchNormTrainingGrad", ["dy", "x", "scale", "r1", "r2", "r3"], {
    name: "FusedBatchNormGradV3",
    attributes: shared,
    outputs: 5, // for x, scale, offset, and two that are empty
  });
  registerKernelGradient(
    "BatchNormTraining",
    { inputs: ["x", "scale"], outputs: [false, false, false, true, true, true] },
    (dy, saved, { epsilon = 1e-5 }) => {
      // One operation gives all three; made here, since tfjs tidies up after each function below.
      const results = runKernel("BatchNormTrainingGrad", {
        dy,
        x: at(saved, 0),
        scale: at(saved, 1),
        r1: at(saved, 2),
        r2: at(saved, 3),
        r3: at(saved, 4),
      }, { epsilon });
      return { x: () => at(results, 0), scale: () => at(results, 1), offset: () => at(results, 2) };
    },
  );
}

function shared({ epsilon }: KernelAttributes): OperationAttribute[] {
  return [
    floatType(),
    floatType("U"),
    { name: "epsilon", float: Number(epsilon) },
    { name: "data_format", string: "NHWC" },
    { name: "is_training", bool: true },
  ];
}
