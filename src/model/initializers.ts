import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { statelessNormal } from "../engine/kernels/random.ts";
import type { ParameterSpec, ParameterStart } from "./parameters.ts";
import { normalized } from "./spectral_norm.ts";

/** How weights are drawn: "xavier" (Glorot & Bengio, 2010), "kaiming" (He et al., 2015). */
export type Init = "normal" | "xavier" | "kaiming";

/** What first values are drawn by. */
interface InitialOptions {
  readonly init: Init;
  readonly gain: number;
  /** The run's seed and the parameter's number. */
  readonly seed: readonly [number, number];
}

/**
 * Draws the first value of a parameter on the device.
 *
 * Convolutions follow `init`; `gain` is the standard deviation of "normal" and the gain of "xavier".
 * A parameter with a `start` of its own follows that instead.
 * Batch norms start with gamma around 1 with standard deviation `gain`, as pix2pix does, and beta 0.
 * Spectral norm's vectors have any direction, and length 1.
 * The last `zeroInputs` inputs of a weight start at zero.
 */
export function initialValue(spec: ParameterSpec, options: InitialOptions): Tensor {
  const { shape, zeroInputs = 0 } = spec;
  return tf.tidy(() => {
    if (zeroInputs === 0) return drawValue(spec, options);
    const drawn = drawValue({ ...spec, shape: withFewerInputs(shape, zeroInputs) }, options);
    return withZeroInputs(drawn, zeroInputs);
  });
}

/** Blocks begin as all but nothing, as ConvNeXt's do. */
const firstLayerScale = 1e-6;

/** Of all of the inputs. */
function drawValue(
  { shape, role, start }: ParameterSpec,
  { init, gain, seed }: InitialOptions,
): Tensor {
  const draw = () => statelessNormal(shape, tf.tensor1d([...seed], "int32"));
  switch (role) {
    case "convolution":
    case "transposedConvolution":
      if (start !== undefined) return drawStart(shape, start, seed);
      return tf.mul(draw(), standardDeviation(shape, init, gain));
    case "linear":
      return drawLinear(shape, start, seed);
    case "embedding":
      return draw();
    case "layerScale":
      return tf.fill([...shape], firstLayerScale);
    case "scale":
      if (start !== undefined) return tf.ones([...shape]);
      return tf.add(1, tf.mul(draw(), gain));
    case "runningVariance":
      return tf.ones([...shape]);
    case "leftSingularVector":
    case "rightSingularVector":
      return normalized(draw());
    case "bias":
    case "offset":
    case "runningMean":
      return tf.zeros([...shape]);
  }
}

/** The shape of a convolution's weight [kh, kw, in, out] without its last inputs. */
function withFewerInputs(shape: readonly number[], fewer: number): number[] {
  return shape.map((length, axis) => axis === 2 ? length - fewer : length);
}

/** A convolution's weight [kh, kw, in, out] with so many inputs more, which it does not see yet. */
export function withZeroInputs(weight: Tensor, more: number): Tensor {
  const zeros = tf.zeros(weight.shape.map((length, axis) => axis === 2 ? more : length));
  return tf.concat([weight, zeros], 2);
}

/** @param shape [out, in]. */
function drawLinear(
  shape: readonly number[],
  start: ParameterStart | undefined,
  seed: readonly [number, number],
): Tensor {
  const [output = 1, input = 1] = shape;
  // A convolution of one pixel, whose outputs come first.
  return tf.reshape(tf.transpose(drawStart([1, 1, input, output], start ?? "linear", seed)), [
    ...shape,
  ]);
}

/** @param shape [kh, kw, in, out]. */
function drawStart(
  shape: readonly number[],
  start: ParameterStart,
  seed: readonly [number, number],
): Tensor {
  const [height = 1, width = 1, input = 1, output = 1] = shape;
  const fanIn = height * width * input;
  const normal = (shape: readonly number[], variance: number) =>
    tf.mul(statelessNormal(shape, tf.tensor1d([...seed], "int32")), Math.sqrt(variance));
  switch (start) {
    case "he":
      return normal(shape, 2 / fanIn);
    case "linear":
      return normal(shape, 1 / (3 * fanIn));
    case "glorot":
      return normal(shape, 2 / (fanIn + height * width * output));
    case "small":
      return normal(shape, 0.02 ** 2);
    case "shuffled": {
      const drawn = normal([height, width, input, output / 4, 1], 2 / fanIn);
      return tf.reshape(tf.tile(drawn, [1, 1, 1, 1, 4]), [...shape]);
    }
  }
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
