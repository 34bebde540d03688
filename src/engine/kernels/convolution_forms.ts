/** Top, bottom, left and right of a picture. */
export type Sides = readonly [number, number, number, number];

/** What decides how a convolution is computed. */
export interface ConvolutionGeometry {
  readonly stride: number;
  /** Zeros added on each side. */
  readonly padding: Sides;
  /** Of the larger picture: the input of the convolution, [B, H, W, C]. */
  readonly inputShape: readonly number[];
  /** [kh, kw, in, out]. */
  readonly filterShape: readonly number[];
}

/** The convolution itself, and its two gradients. */
export type ConvolutionOperation = "forward" | "byInput" | "byFilter";

/**
 * How one of the three is computed.
 * - `product`: patches of the input and a matrix product, in the order in which the weights lie.
 * - `same`: padded "SAME", which oneDNN takes.
 * - `explicit`: with padding in four numbers. oneDNN takes it forward; gradients are TensorFlow's own.
 * - `padded`: the input padded by hand, and "VALID", which oneDNN takes.
 */
export type ConvolutionForm = "product" | "same" | "explicit" | "padded";

/** From where on which form is the fastest. */
interface FormLimits {
  /**
   * How many rows of patches a halving may have to be a matrix product. oneDNN brings the weights of
   * its convolutions into an order of its own and the gradient back, at every step; of deep layers,
   * large in weights and small in pixels, that is most of the time.
   */
  readonly productRows: number;
  /** Channels of the input below which TensorFlow's own gradient by it is faster than oneDNN's. */
  readonly ownInputGradientBelow: number;
  /** Channels of the input from which TensorFlow's own gradient by a halving's filter is faster. */
  readonly ownFilterGradientFrom: number;
  /** The gradient by the input with a stride above 1 that is no halving. */
  readonly stridedInputGradient: "explicit" | "padded";
  /** The gradient by a filter that neither halves nor keeps the sides. */
  readonly otherFilterGradient: "explicit" | "padded";
}

/** Measured on a CPU; a GPU does well with the same (docs/performance.md). */
const float32: FormLimits = {
  productRows: 256,
  ownInputGradientBelow: 4,
  ownFilterGradientFrom: 128,
  stridedInputGradient: "explicit",
  otherFilterGradient: "explicit",
};

/** TensorFlow's own kernels compute bfloat16 number by number, ten times slower than oneDNN. */
const bfloat16OnCpu: FormLimits = {
  productRows: 256,
  ownInputGradientBelow: 0,
  ownFilterGradientFrom: Infinity,
  stridedInputGradient: "padded",
  otherFilterGradient: "padded",
};

/** Where a convolution is computed, and in what arithmetic. */
export interface ConvolutionPlace {
  readonly device: "cpu" | "gpu";
  readonly precision: "float32" | "tf32" | "bfloat16";
}

/** The limits by device and precision, measured by bench/convolutions.ts. */
const limitsOf = {
  cpu: { float32, tf32: float32, bfloat16: bfloat16OnCpu },
  gpu: { float32, tf32: float32, bfloat16: float32 },
} as const satisfies Record<
  ConvolutionPlace["device"],
  Record<ConvolutionPlace["precision"], FormLimits>
>;

/** How a convolution, or a gradient of it, is computed fastest. */
export function convolutionForm(
  operation: ConvolutionOperation,
  geometry: ConvolutionGeometry,
  { device, precision }: ConvolutionPlace,
): ConvolutionForm {
  const limits = limitsOf[device][precision];
  const halves = isHalving(geometry);
  if (halves && patchRows(geometry) <= limits.productRows) return "product";
  if (operation === "forward") return "explicit";
  if (keepsSides(geometry)) return "same";
  const channels = geometry.filterShape[2] ?? 0;
  if (operation === "byInput") {
    if (channels < limits.ownInputGradientBelow) return "explicit";
    if (halves) return "same";
    return geometry.stride === 1 ? "padded" : limits.stridedInputGradient;
  }
  if (halves) return channels < limits.ownFilterGradientFrom ? "same" : "explicit";
  return limits.otherFilterGradient;
}

/**
 * Whether it is 4x4 with stride 2 and padding 1 on even sides. "SAME" then pads alike, and only with
 * that does oneDNN run its gradients.
 */
function isHalving({ stride, padding, inputShape, filterShape }: ConvolutionGeometry): boolean {
  return stride === 2 && padding.every((side) => side === 1) &&
    filterShape[0] === 4 && filterShape[1] === 4 &&
    isEven(inputShape[1] ?? 0) && isEven(inputShape[2] ?? 0);
}

/** Rows of patches of a halving. */
function patchRows({ inputShape: [batch = 0, height = 0, width = 0] }: ConvolutionGeometry) {
  return batch * height * width / 4;
}

/** Whether it moves by one pixel and keeps the sides, padded alike: "SAME" says the same then. */
function keepsSides({ stride, padding, filterShape }: ConvolutionGeometry): boolean {
  const [height = 0, width = 0] = filterShape;
  return stride === 1 && height === width && height % 2 === 1 &&
    padding.every((side) => side === (height - 1) / 2);
}

function isEven(size: number): boolean {
  return size % 2 === 0;
}
