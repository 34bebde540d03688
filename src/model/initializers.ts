import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { statelessNormal } from "../engine/kernels/random.ts";
import type { ParameterSpec } from "./parameters.ts";

/** How weights are drawn: "xavier" (Glorot & Bengio, 2010), "kaiming" (He et al., 2015). */
export type Init = "normal" | "xavier" | "kaiming";

/**
 * Draws the first value of a parameter on the device.
 *
 * Convolutions follow `init`; `gain` is the standard deviation of "normal" and the gain of "xavier".
 * Batch norms start with gamma around 1 with standard deviation `gain`, as pix2pix does, and beta 0.
 *
 * @param seed [2]: the run's seed and the parameter's number.
 */
export function initialValue(
  { shape, role }: ParameterSpec,
  { init, gain, seed }: { init: Init; gain: number; seed: readonly [number, number] },
): Tensor {
  return tf.tidy(() => {
    const draw = () => statelessNormal(shape, tf.tensor1d([...seed], "int32"));
    switch (role) {
      case "convolution":
      case "transposedConvolution":
        return tf.mul(draw(), standardDeviation(shape, init, gain));
      case "scale":
        return tf.add(1, tf.mul(draw(), gain));
      case "runningVariance":
        return tf.ones([...shape]);
      case "bias":
      case "offset":
      case "runningMean":
        return tf.zeros([...shape]);
    }
  });
}

/**
 * PyTorch counts a weight's second dimension as "in", so that for transposed convolutions, whose
 * weights are [in, out, kh, kw], fan-in counts the outputs. We follow it.
 */
function standardDeviation(
  shape: readonly number[],
  init: Init,
  gain: number,
): number {
  const [height = 1, width = 1, third = 1, fourth = 1] = shape;
  // Here the layouts are [kh, kw, in, out] and [kh, kw, out, in]: PyTorch's "in" is third in both.
  const fanIn = height * width * third;
  const fanOut = height * width * fourth;
  switch (init) {
    case "normal":
      return gain;
    case "xavier":
      return gain * Math.sqrt(2 / (fanIn + fanOut));
    case "kaiming":
      return Math.sqrt(2 / fanIn);
  }
}
