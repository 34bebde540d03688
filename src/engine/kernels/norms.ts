import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { floatType, registerOperation, runSingle } from "./kernel.ts";

/**
 * Half the sum of the squares of x, in one pass over it and without a copy. Has no gradient.
 *
 * @param x of any shape.
 */
function halfSquaredNorm(x: Tensor): Scalar {
  return runSingle("HalfSquaredNorm", { x }) as Scalar;
}

/** The L2 norm of all tensors together. */
export function globalNorm(tensors: readonly Tensor[]): Scalar {
  return tf.tidy(() => tf.sqrt(tf.mul(tf.addN(tensors.map(halfSquaredNorm)), 2)) as Scalar);
}

/** Registers the operation. */
export function registerNorms(): void {
  registerOperation("HalfSquaredNorm", ["x"], {
    name: "L2Loss",
    attributes: () => [floatType()],
  });
}
