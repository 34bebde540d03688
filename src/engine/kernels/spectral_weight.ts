import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { exactMatrixVector } from "./exact_product.ts";
import { at, registerComposite, registerKernelGradient, runSingle } from "./kernel.ts";

/** A weight's spectral norm and what it was estimated with. */
export interface SpectralEstimate {
  /** The left singular vector, [out]. */
  readonly u: Tensor;
  /** The right one, [kh, kw, in, 1]. */
  readonly v: Tensor;
  /** u^T W v, a scalar. */
  readonly sigma: Tensor;
}

/**
 * W / sigma, for sigma = u^T W v: with G the gradient by the result, that by W is
 * G / sigma - (sum(G W) / sigma^2) v u^T. Written out, it reads and writes each weight less often
 * than the same made of single operations.
 *
 * @param weight [kh, kw, in, out].
 */
export function dividedBySigma(weight: Tensor, { u, v, sigma }: SpectralEstimate): Tensor {
  return runSingle("DividedBySigma", { weight, u, v, sigma });
}

/** Registers the kernel and its gradient, which has none itself. */
export function registerSpectralWeight(): void {
  registerComposite("DividedBySigma", ({ weight, sigma }) => tf.mul(weight!, tf.div(1, sigma!)));
  registerKernelGradient(
    "DividedBySigma",
    { inputs: ["weight", "u", "v", "sigma"] },
    (dy, saved) => ({
      weight: () => {
        const [weight, u, v, sigma] = [0, 1, 2, 3].map((index) => at(saved, index));
        return runSingle("DividedBySigmaGrad", {
          dy,
          weight: weight!,
          u: u!,
          v: v!,
          sigma: sigma!,
        });
      },
    }),
  );
  registerComposite("DividedBySigmaGrad", ({ dy, weight, u, v, sigma }) => {
    const sum = exactMatrixVector(tf.reshape(dy!, [1, -1]), tf.reshape(weight!, [-1])); // [1]
    const share = tf.div(sum, tf.square(sigma!));
    const along = tf.mul(v!, tf.mul(u!, share)); // [kh, kw, in, out]
    return tf.sub(tf.mul(dy!, tf.div(1, sigma!)), along);
  });
}
