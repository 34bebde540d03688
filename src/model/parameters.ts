import type { Tensor } from "@tensorflow/tfjs";

/** What a tensor of a network is for. */
export type ParameterRole =
  /** [kh, kw, in, out] */
  | "convolution"
  /** [kh, kw, out, in] */
  | "transposedConvolution"
  /** [out, in], as PyTorch has it. */
  | "linear"
  /** The bias of a convolution or a linear layer, [out]. */
  | "bias"
  /** Vectors that are learned by themselves, [count, width]. */
  | "embedding"
  /** What a residual block's change is multiplied by, [C] (Touvron et al., 2021, "LayerScale"). */
  | "layerScale"
  /** Batch norm's gamma and beta, and its running statistics, [C] each. */
  | "scale"
  | "offset"
  | "runningMean"
  | "runningVariance"
  /** Spectral norm's vectors: [out], and [kh, kw, in, 1], which files hold as [in kh kw]. */
  | "leftSingularVector"
  | "rightSingularVector";

/** One tensor of a network. */
export interface ParameterSpec {
  /** Its name in the common PyTorch implementation, such as "model.model.0.weight". */
  readonly name: string;
  /** Its shape here; see `ParameterRole` for the layout. */
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** How it begins; where it is left out, the options of initial weights decide. */
  readonly start?: ParameterStart;
  /** So many of a convolution's last input channels begin at 0: the network begins without them. */
  readonly zeroInputs?: number;
}

/**
 * How a parameter begins whatever the options say: "he" for ReLUs (He et al., 2015), gammas at 1;
 * "shuffled" likewise, with the four channels that PixelShuffle makes a pixel's neighbours alike
 * (Aitken et al., 2017, "Checkerboard artifact free sub-pixel convolution"); "linear" as PyTorch has
 * convolutions that no ReLU follows; "glorot" (Glorot & Bengio, 2010), as transformers have it;
 * "small" with a standard deviation of 0.02, as ConvNeXt has it.
 */
export type ParameterStart = "he" | "shuffled" | "linear" | "glorot" | "small";

/**
 * Whether the optimizer moves it; running statistics move with the batches instead, and spectral
 * norm's vectors with the passes.
 */
export function isTrainable(spec: Pick<ParameterSpec, "role">): boolean {
  const { role } = spec;
  return role !== "runningMean" && role !== "runningVariance" && !isSingularVector(spec);
}

/** Whether it is one of spectral norm's vectors, of length 1. */
export function isSingularVector({ role }: Pick<ParameterSpec, "role">): boolean {
  return role === "leftSingularVector" || role === "rightSingularVector";
}

/**
 * PyTorch lays a Conv2d weight out as [out, in, kh, kw] and a ConvTranspose2d weight as
 * [in, out, kh, kw]; here they are [kh, kw, in, out] and [kh, kw, out, in]. One permutation serves
 * both, and its inverse the way back.
 */
export const toPytorchOrder = [3, 2, 0, 1];

/** The shape of a parameter in PyTorch's layout. */
export function pytorchShape({ shape, role }: ParameterSpec): number[] {
  if (role === "rightSingularVector") return [shape.reduce((a, b) => a * b, 1)]; // [in kh kw]
  return shape.length === 4 ? toPytorchOrder.map((axis) => shape[axis] ?? 0) : [...shape];
}

/** How many numbers the optimizer moves. */
export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.filter(isTrainable)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** A convolution's weight of `kernel` x `kernel`. */
export function convolutionSpec(
  prefix: string,
  [input, output]: readonly [number, number],
  { kernel = 4, bias = false, transposed = false, start, zeroInputs = 0 }: {
    readonly kernel?: number;
    readonly bias?: boolean;
    readonly transposed?: boolean;
    readonly start?: ParameterStart;
    readonly zeroInputs?: number;
  } = {},
): ParameterSpec[] {
  const channels = transposed ? [output, input] : [input, output];
  const weight: ParameterSpec = {
    name: `${prefix}.weight`,
    shape: [kernel, kernel, ...channels],
    role: transposed ? "transposedConvolution" : "convolution",
    ...(start && { start }),
    ...(zeroInputs > 0 && { zeroInputs }),
  };
  return bias ? [weight, { name: `${prefix}.bias`, shape: [output], role: "bias" }] : [weight];
}

/**
 * The tensors of a convolution under spectral norm, with the names of `torch.nn.utils.spectral_norm`:
 * the weight that is trained, and the singular vectors, which move with each training pass.
 */
export function spectralConvolutionSpec(
  prefix: string,
  [input, output]: readonly [number, number],
  { kernel = 4, bias = false, start }: {
    readonly kernel?: number;
    readonly bias?: boolean;
    readonly start?: ParameterStart;
  } = {},
): ParameterSpec[] {
  const shape = [kernel, kernel, input, output];
  const weight: ParameterSpec[] = [
    { name: `${prefix}.weight_orig`, shape, role: "convolution", ...(start && { start }) },
    { name: `${prefix}.weight_u`, shape: [output], role: "leftSingularVector" },
    {
      name: `${prefix}.weight_v`,
      shape: [kernel, kernel, input, 1],
      role: "rightSingularVector",
    },
  ];
  return bias ? [{ name: `${prefix}.bias`, shape: [output], role: "bias" }, ...weight] : weight;
}

/** A batch norm's four tensors. */
export function batchNormSpec(
  prefix: string,
  channels: number,
  start?: ParameterStart,
): ParameterSpec[] {
  const shape = [channels];
  return [
    { name: `${prefix}.weight`, shape, role: "scale", ...(start && { start }) },
    { name: `${prefix}.bias`, shape, role: "offset" },
    { name: `${prefix}.running_mean`, shape, role: "runningMean" },
    { name: `${prefix}.running_var`, shape, role: "runningVariance" },
  ];
}

/** The tensors of a linear layer, as PyTorch's Linear has them. */
export function linearSpec(
  prefix: string,
  [input, output]: readonly [number, number],
  start: ParameterStart,
): ParameterSpec[] {
  return [
    { name: `${prefix}.weight`, shape: [output, input], role: "linear", start },
    { name: `${prefix}.bias`, shape: [output], role: "bias" },
  ];
}

/** A layer norm's two tensors. */
export function layerNormSpec(prefix: string, channels: number): ParameterSpec[] {
  return [
    { name: `${prefix}.weight`, shape: [channels], role: "scale", start: "linear" },
    { name: `${prefix}.bias`, shape: [channels], role: "offset" },
  ];
}

/** What a network's code asks for while it runs forward. */
export interface Forward {
  /** The tensor of a name. Throws where the network has none. */
  parameter(name: string): Tensor;
  /** Batch norm of x, [B, H, W, C], with the parameters under `prefix`. */
  batchNorm(x: Tensor, prefix: string): Tensor;
  /**
   * The weight of the convolution under `prefix` over its spectral norm, [kh, kw, in, out]; a training
   * pass moves the estimate of the norm by one power iteration first.
   */
  spectralWeight(prefix: string): Tensor;
  /** Dropout of x, which evaluation leaves as it is; `layer` tells the layers' draws apart. */
  dropout(x: Tensor, rate: number, layer: number): Tensor;
}
