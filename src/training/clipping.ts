import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { globalNorm } from "../engine/kernels/norms.ts";

/** What PyTorch adds to the norm before it divides by it. */
const normEpsilon = 1e-6;

/**
 * Scales gradients down so that their norm, taken over all of them together, is at most `maxNorm`
 * (Pascanu et al., 2013), as PyTorch's clip_grad_norm_ does; smaller ones stay what they are.
 *
 * @param gradients of one network.
 * @param maxNorm 0: the gradients are handed back, and nothing is computed.
 * @returns one for each, in their order. One that is not finite stays so.
 */
export function clipGradients(gradients: readonly Tensor[], maxNorm: number): readonly Tensor[] {
  if (maxNorm === 0) return gradients;
  const scale = tf.minimum(tf.div(maxNorm, tf.add(globalNorm(gradients), normEpsilon)), 1);
  return gradients.map((gradient) => tf.mul(gradient, scale));
}
