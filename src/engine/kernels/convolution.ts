import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import {
  at,
  floatType,
  type KernelAttributes,
  type OperationAttribute,
  registerKernelGradient,
  registerOperation,
  runSingle,
} from "./kernel.ts";

/** How a convolution moves over its input. */
export interface ConvolutionOptions {
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: number;
}

/**
 * A convolution with padding of its own on each side, as PyTorch's Conv2d has it. tfjs knows only
 * "same" and "valid"; TensorFlow pads inside the operation, without a copy.
 *
 * @param x [B, H, W, in].
 * @param filter [kh, kw, in, out].
 */
export function convolution(x: Tensor, filter: Tensor, options: ConvolutionOptions): Tensor4D {
  return runSingle("Convolution", { x, filter }, { ...options }) as Tensor4D;
}

/**
 * A transposed convolution: the gradient of `convolution` with respect to its input, run forward.
 *
 * @param x [B, H, W, in].
 * @param filter [kh, kw, out, in].
 * @returns [B, stride * H, stride * W, out].
 */
export function convolutionTranspose(
  x: Tensor,
  filter: Tensor,
  { stride, padding }: ConvolutionOptions,
): Tensor4D {
  const [batch, height, width] = x.shape as [number, number, number, number];
  const inputShape = [batch, height * stride, width * stride, filter.shape[2] ?? 0];
  return convolutionInputGradient(x, filter, { stride, padding, inputShape });
}

interface GradientOptions extends ConvolutionOptions {
  readonly inputShape: readonly number[];
}

function convolutionInputGradient(dy: Tensor, filter: Tensor, options: GradientOptions): Tensor4D {
  const sizes = tf.tensor1d([...options.inputShape], "int32");
  return runSingle("ConvolutionInputGradient", { sizes, filter, dy }, { ...options }) as Tensor4D;
}

function convolutionFilterGradient(
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  options: ConvolutionOptions,
): Tensor4D {
  const sizes = tf.tensor1d([...filterShape], "int32");
  return runSingle("ConvolutionFilterGradient", { x, sizes, dy }, {
    ...options,
    filterShape,
  }) as Tensor4D;
}

/** Registers the three operations, each a gradient of the others, so that any order exists. */
export function registerConvolutions(): void {
  registerOperation("Convolution", ["x", "filter"], { name: "Conv2D", attributes: shared });
  registerOperation("ConvolutionInputGradient", ["sizes", "filter", "dy"], {
    name: "Conv2DBackpropInput",
    attributes: shared,
  });
  registerOperation("ConvolutionFilterGradient", ["x", "sizes", "dy"], {
    name: "Conv2DBackpropFilter",
    attributes: shared,
  });

  registerKernelGradient("Convolution", { inputs: ["x", "filter"] }, (dy, saved, attributes) => {
    const [x, filter, options] = [at(saved, 0), at(saved, 1), read(attributes)];
    return {
      x: () => convolutionInputGradient(dy, filter, { ...options, inputShape: x.shape }),
      filter: () => convolutionFilterGradient(x, dy, filter.shape, options),
    };
  });
  registerKernelGradient(
    "ConvolutionInputGradient",
    { inputs: ["filter", "dy"] },
    (ddx, saved, attributes) => {
      const [filter, dy, options] = [at(saved, 0), at(saved, 1), read(attributes)];
      return {
        filter: () => convolutionFilterGradient(ddx, dy, filter.shape, options),
        dy: () => convolution(ddx, filter, options),
        sizes: () => tf.zeros([4]),
      };
    },
  );
  registerKernelGradient(
    "ConvolutionFilterGradient",
    { inputs: ["x", "dy"] },
    (ddfilter, saved, attributes) => {
      const [x, dy, options] = [at(saved, 0), at(saved, 1), read(attributes)];
      return {
        x: () => convolutionInputGradient(dy, ddfilter, { ...options, inputShape: x.shape }),
        dy: () => convolution(x, ddfilter, options),
        sizes: () => tf.zeros([4]),
      };
    },
  );
}

function read({ stride, padding }: KernelAttributes): ConvolutionOptions {
  return { stride: Number(stride), padding: Number(padding) };
}

function shared(attributes: KernelAttributes): OperationAttribute[] {
  const { stride, padding } = read(attributes);
  const explicit = [0, 0, padding, padding, padding, padding, 0, 0];
  return [
    floatType(),
    { name: "strides", int: [1, stride, stride, 1] },
    { name: "padding", string: padding === 0 ? "VALID" : "EXPLICIT" },
    { name: "explicit_paddings", int: padding === 0 ? [] : explicit },
    { name: "data_format", string: "NHWC" },
    { name: "dilations", int: [1, 1, 1, 1] },
    { name: "use_cudnn_on_gpu", bool: true },
  ];
}
