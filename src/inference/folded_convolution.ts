import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { dividedBySigma } from "../engine/kernels/spectral_weight.ts";
import { spectralEstimate } from "../model/spectral_norm.ts";

/** A convolution's tensors with its batch norm folded in. The caller owns them. */
export interface FoldedConvolution {
  /** [4, 4, in, out]; of a transposed convolution [4, 4, out, in]. */
  readonly weight: Tensor;
  /** [out] */
  readonly bias: Tensor;
}

/** The names of a convolution's tensors: it has a bias, or is followed by a batch norm, or neither. */
export interface ConvolutionNames {
  readonly weight: string;
  readonly bias?: string | undefined;
  /** The prefix of the batch norm's tensors. */
  readonly norm: string | undefined;
  /** The names of spectral norm's vectors, where the weight is to be divided by that. */
  readonly spectral?: { readonly u: string; readonly v: string } | undefined;
}

/**
 * Reads a convolution and folds the batch norm after it into it: with running statistics,
 * gamma (w x - mean) / sqrt(variance + epsilon) + beta is itself a convolution with a bias.
 *
 * @param read gives the tensor of a name, to be disposed of here.
 * @param options `outputAxis`: where the weight has its outputs.
 */
export async function readFolded(
  { weight, bias, norm, spectral }: ConvolutionNames,
  read: (name: string) => Promise<Tensor>,
  { epsilon, outputAxis }: { readonly epsilon: number; readonly outputAxis: 2 | 3 },
): Promise<FoldedConvolution> {
  const taken: Tensor[] = [];
  const take = async (name: string) => {
    const tensor = await read(name);
    taken.push(tensor);
    return tensor;
  };
  try {
    let w = await take(weight);
    if (spectral !== undefined) {
      const [u, v] = [await take(spectral.u), await take(spectral.v)];
      const given = w;
      w = tf.tidy(() => dividedBySigma(given, spectralEstimate(given, u!, v!)));
      taken.push(w);
    }
    const outputs = w.shape[outputAxis] ?? 0;
    if (norm === undefined) {
      const b = bias === undefined ? undefined : await take(bias);
      return { weight: w.clone(), bias: b?.clone() ?? tf.zeros([outputs]) };
    }
    const [scale, shift] = await readNorm(norm, read, epsilon);
    taken.push(scale);
    return tf.tidy(() => {
      const alongOutputs = outputAxis === 3 ? scale : tf.reshape(scale, [outputs, 1]);
      return { weight: tf.mul(w, alongOutputs), bias: shift };
    });
  } finally {
    tf.dispose(taken);
  }
}

/**
 * Reads a batch norm as what it computes with running statistics.
 *
 * @param read gives the tensor of a name, to be disposed of here.
 * @returns what its input is multiplied by, and what is added then, [C] each; the caller owns
 *   them.
 */
export async function readNorm(
  prefix: string,
  read: (name: string) => Promise<Tensor>,
  epsilon: number,
): Promise<[scale: Tensor, shift: Tensor]> {
  const taken: Tensor[] = [];
  try {
    for (const part of ["weight", "bias", "running_mean", "running_var"]) {
      taken.push(await read(`${prefix}.${part}`));
    }
    return tf.tidy((): [Tensor, Tensor] => {
      const [gamma, beta, mean, variance] = taken as [Tensor, Tensor, Tensor, Tensor];
      const scale = tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)));
      return [scale, tf.sub(beta, tf.mul(mean, scale))];
    });
  } finally {
    tf.dispose(taken);
  }
}
