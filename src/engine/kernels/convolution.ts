import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import {
  at,
  floatType,
  type KernelAttributes,
  type OperationAttribute,
  registerComposite,
  registerKernelGradient,
  registerOperation,
  runSingle,
} from "./kernel.ts";
import { convolutionForm, type ConvolutionPlace, type Sides } from "./convolution_forms.ts";
import { addPatches, patchesOf, registerPatches } from "./patches.ts";

/** How a convolution moves over its input. */
interface ConvolutionOptions {
  readonly stride: number;
  /** Zeros added on each side, or at the top, the bottom, the left and the right. */
  readonly padding: number | Sides;
}

/** The same, side by side. */
interface Movement {
  readonly stride: number;
  readonly padding: Sides;
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
  { stride, padding }: ConvolutionOptions & { readonly padding: number },
): Tensor4D {
  const [batch, height, width] = x.shape as [number, number, number, number];
  const inputShape = [batch, height * stride, width * stride, filter.shape[2] ?? 0];
  return convolutionInputGradient(x, filter, { stride, padding, inputShape });
}

/** TensorFlow's operations and their inputs. */
const operations = {
  Conv2D: ["x", "filter"],
  Conv2DBackpropInput: ["sizes", "filter", "dy"],
  Conv2DBackpropFilter: ["x", "sizes", "dy"],
} as const;

interface FilterGradientOptions extends ConvolutionOptions {
  readonly filterShape: readonly number[];
}

interface GradientOptions extends ConvolutionOptions {
  readonly inputShape: readonly number[];
}

function convolutionInputGradient(dy: Tensor, filter: Tensor, options: GradientOptions): Tensor4D {
  return runSingle("ConvolutionInputGradient", { filter, dy }, { ...options }) as Tensor4D;
}

function convolutionFilterGradient(
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  options: ConvolutionOptions,
): Tensor4D {
  return runSingle("ConvolutionFilterGradient", { x, dy }, {
    ...options,
    filterShape,
  }) as Tensor4D;
}

/**
 * Whether a pixel of the result comes from one pixel of the input, and others are passed over. There
 * oneDNN's gradient by the filter writes past the end of its buffer where the channels are no
 * multiple of 16 (TensorFlow 2.21): the process crashes some steps later.
 */
function isThinning(
  { stride, padding, filterShape }: Movement & Pick<FilterGradientOptions, "filterShape">,
): boolean {
  return stride > 1 && filterShape[0] === 1 && filterShape[1] === 1 &&
    padding.every((side) => side === 0);
}

/** Every `stride`-th pixel of x [B, H, W, C], either way. */
function thinned(x: Tensor, stride: number): Tensor {
  return tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, stride, stride, 1]);
}

/** The filter [kh, kw, in, out] as a matrix [kh kw in, out]. */
function asMatrix(filter: Tensor): Tensor2D {
  return tf.reshape(filter, [-1, filter.shape[3] ?? 0]);
}

/** [B, h, w, C] as rows of pixels. */
function asRows(x: Tensor): Tensor2D {
  return tf.reshape(x, [-1, x.shape[3] ?? 0]);
}

/** x with zeros around it. */
function padded(x: Tensor, [top, bottom, left, right]: Sides): Tensor {
  if (top + bottom + left + right === 0) return x;
  return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]);
}

const noPadding: Sides = [0, 0, 0, 0];

function runConvolution(x: Tensor, filter: Tensor, options: Movement, place: ConvolutionPlace) {
  const geometry = { ...options, inputShape: x.shape, filterShape: filter.shape };
  if (convolutionForm("forward", geometry, place) !== "product") {
    return runSingle("Conv2D.Explicit", { x, filter }, { ...options });
  }
  const [batch, height, width] = x.shape as [number, number, number];
  const product = tf.matMul(patchesOf(x) as Tensor2D, asMatrix(filter));
  return tf.reshape(product, [batch, height / 2, width / 2, filter.shape[3] ?? 0]);
}

function runInputGradient(
  dy: Tensor,
  filter: Tensor,
  { inputShape, ...options }: Movement & Pick<GradientOptions, "inputShape">,
  place: ConvolutionPlace,
): Tensor {
  const { stride, padding } = options;
  const geometry = { ...options, inputShape, filterShape: filter.shape };
  const run = (name: string, shape: readonly number[], padding: Sides) => {
    const sizes = tf.tensor1d([...shape], "int32");
    const inputs = { sizes, filter, dy };
    return runSingle(`Conv2DBackpropInput.${name}`, inputs, { stride, padding });
  };
  switch (convolutionForm("byInput", geometry, place)) {
    case "product":
      return addPatches(tf.matMul(asRows(dy), asMatrix(filter), false, true), inputShape);
    case "same":
      return run("Same", inputShape, padding);
    case "explicit":
      return run("Explicit", inputShape, padding);
    case "padded": {
      const [batch = 0, height = 0, width = 0, channels = 0] = inputShape;
      const [top, bottom, left, right] = padding;
      const around = [batch, height + top + bottom, width + left + right, channels];
      return tf.slice(run("Explicit", around, noPadding), [0, top, left, 0], [...inputShape]);
    }
  }
}

function runFilterGradient(
  x: Tensor,
  dy: Tensor,
  { filterShape, ...options }: Movement & Pick<FilterGradientOptions, "filterShape">,
  place: ConvolutionPlace,
): Tensor {
  if (isThinning({ ...options, filterShape })) {
    const thin = { ...options, filterShape, stride: 1 };
    return runFilterGradient(thinned(x, options.stride), dy, thin, place);
  }
  const geometry = { ...options, inputShape: x.shape, filterShape };
  const run = (name: string, x: Tensor, padding: Sides) => {
    const sizes = tf.tensor1d([...filterShape], "int32");
    return runSingle(`Conv2DBackpropFilter.${name}`, { x, sizes, dy }, { ...options, padding });
  };
  switch (convolutionForm("byFilter", geometry, place)) {
    case "product": {
      const product = tf.matMul(patchesOf(x) as Tensor2D, asRows(dy), true, false);
      return tf.reshape(product, [...filterShape]);
    }
    case "same":
      return run("Same", x, options.padding);
    case "explicit":
      return run("Explicit", x, options.padding);
    case "padded":
      return run("Explicit", padded(x, options.padding), noPadding);
  }
}

/** Registers the three operations, each a gradient of the others, so that any order exists. */
export function registerConvolutions(): void {
  registerPatches();
  for (const [name, inputs] of Object.entries(operations)) {
    for (const padding of ["Explicit", "Same"]) {
      registerOperation(`${name}.${padding}`, inputs, {
        name,
        attributes: (given) => shared(given, padding === "Same"),
      });
    }
  }
  registerComposite("Convolution", ({ x, filter }, given, { place }) => {
    return runConvolution(x!, filter!, read(given), place);
  });
  registerComposite("ConvolutionInputGradient", ({ filter, dy }, given, { place }) => {
    const inputShape = shapeOf(given.inputShape);
    return runInputGradient(dy!, filter!, { ...read(given), inputShape }, place);
  });
  registerComposite("ConvolutionFilterGradient", ({ x, dy }, given, { place }) => {
    const filterShape = shapeOf(given.filterShape);
    return runFilterGradient(x!, dy!, { ...read(given), filterShape }, place);
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
      };
    },
  );
}

function read({ stride, padding }: KernelAttributes): Movement {
  const given = Array.isArray(padding) ? padding.map(Number) : Number(padding);
  return { stride: Number(stride), padding: sidesOf(given as number | Sides) };
}

function sidesOf(padding: number | Sides): Sides {
  return typeof padding === "number" ? [padding, padding, padding, padding] : padding;
}

function shapeOf(value: KernelAttributes[string] | undefined): readonly number[] {
  if (typeof value === "object") return value;
  throw new TypeError(`A shape is a list of sizes, not ${value}.`);
}

function shared(attributes: KernelAttributes, same: boolean): OperationAttribute[] {
  const { stride, padding } = read(attributes);
  const isPadded = padding.some((side) => side !== 0);
  const name = same ? "SAME" : isPadded ? "EXPLICIT" : "VALID";
  return [
    floatType(),
    { name: "strides", int: [1, stride, stride, 1] },
    { name: "padding", string: name },
    { name: "explicit_paddings", int: name === "EXPLICIT" ? [0, 0, ...padding, 0, 0] : [] },
    { name: "data_format", string: "NHWC" },
    { name: "dilations", int: [1, 1, 1, 1] },
    { name: "use_cudnn_on_gpu", bool: true },
  ];
}
