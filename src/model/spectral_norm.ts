import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { exactMatrixVector } from "../engine/kernels/exact_product.ts";
import { stopGradient } from "../engine/kernels/kernel.ts";
import type { SpectralEstimate } from "../engine/kernels/spectral_weight.ts";

/** Keeps a vector of zeros from being divided by zero; PyTorch's default. */
const epsilon = 1e-12;

/**
 * One power iteration towards the largest singular value (Miyato et al., 2018, "Spectral normalization
 * for generative adversarial networks", algorithm 1), and the value that it comes to. No gradient
 * leads through it.
 *
 * @param weight [kh, kw, in, out], which counts as the matrix [out, kh kw in].
 * @param u of the iteration before, [out].
 */
export function powerIteration(weight: Tensor, u: Tensor): SpectralEstimate {
  const matrix = asMatrix(stopGradient(weight));
  const v = normalized(exactMatrixVector(matrix, u));
  const product = exactMatrixVector(matrix, v, { transposed: true });
  const next = normalized(product);
  const shape = [...weight.shape.slice(0, 3), 1];
  return { u: next, v: tf.reshape(v, shape), sigma: tf.sum(tf.mul(next, product)) };
}

/** What vectors that stay as they are estimate: sigma = u^T W v. */
export function spectralEstimate(weight: Tensor, u: Tensor, v: Tensor): SpectralEstimate {
  const matrix = asMatrix(stopGradient(weight));
  const product = exactMatrixVector(matrix, tf.reshape(v, [-1]), { transposed: true });
  return { u, v, sigma: tf.sum(tf.mul(u, product)) };
}

/** A vector brought to length 1; also how the first ones are drawn. */
export function normalized(x: Tensor): Tensor {
  return tf.div(x, tf.maximum(tf.sqrt(tf.sum(tf.square(x))), epsilon));
}

/** [kh, kw, in, out] as [kh kw in, out]. */
function asMatrix(weight: Tensor): Tensor {
  return tf.reshape(weight, [-1, weight.shape[3] ?? 0]);
}
