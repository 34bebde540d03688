import {
  batchNormSpec,
  convolutionSpec,
  type ParameterSpec,
  type ParameterStart,
  spectralConvolutionSpec,
} from "./parameters.ts";
import {
  type ResnetName,
  resnetOutputs,
  resnetParameters,
  type ResnetShape,
} from "./resnet_layers.ts";

/**
 * The norm of a decoder's convolutions. "none": they have biases. "batch": batch norm before the ReLU.
 * "spectral", as DeOldify has it: spectral norm of the weights, and batch norm after the ReLU.
 */
export type DecoderNorm = "none" | "batch" | "spectral";

/**
 * The shape of a U-Net whose way down is a residual network (fastai's DynamicUnet, of version 2.4,
 * which the tutorial that this model comes from ends with).
 */
export interface DynamicUnetConfig {
  readonly encoder: ResnetName;
  /** Channels of the encoder's first stage. */
  readonly width: number;
  readonly decoderNorm: DecoderNorm;
  /** Channels that it sees behind L, and does not know what to do with at first. */
  readonly moreInputs: number;
}

/** The names of the encoder's tensors begin with it. */
export const encoderPrefix = "layers.0.";

/** A convolution of the decoder. */
export interface DecoderConvolution {
  /** The name of its weight and bias without ".weight". */
  readonly name: string;
  readonly channels: readonly [input: number, output: number];
  readonly kernel: 1 | 3;
  /** The prefix of its batch norm; it has a bias where there is none. */
  readonly norm: string | undefined;
  /** Whether the batch norm comes after the ReLU. */
  readonly isNormLast: boolean;
  /** Whether its weight is divided by its spectral norm. */
  readonly isSpectral: boolean;
  readonly start: ParameterStart;
}

/** One level on the way up: doubles, sets a skip beside, convolves twice. */
interface DecoderLevel {
  readonly up: DecoderConvolution;
  /** The prefix of the skip's batch norm, and its channels. */
  readonly skip: { readonly norm: string; readonly channels: number };
  readonly convolutions: readonly [DecoderConvolution, DecoderConvolution];
}

/** The layers after the encoder. */
interface DecoderLayers {
  /** The prefix of the batch norm of what the encoder ends with, and its channels. */
  readonly entry: { readonly norm: string; readonly channels: number };
  readonly middle: readonly [DecoderConvolution, DecoderConvolution];
  readonly levels: readonly DecoderLevel[];
  /** The doubling to the picture's own size. */
  readonly up: DecoderConvolution;
  readonly residual: readonly [DecoderConvolution, DecoderConvolution];
  readonly output: DecoderConvolution;
}

/** The decoder's layers with fastai's names. */
export function decoderLayers({ width, decoderNorm }: DynamicUnetConfig): DecoderLayers {
  const layer = (
    prefix: string,
    channels: readonly [number, number],
    { kernel = 3, start = "he", norm = decoderNorm !== "none" }: {
      readonly kernel?: 1 | 3;
      readonly start?: ParameterStart;
      readonly norm?: boolean;
    } = {},
  ): DecoderConvolution => {
    const isNormLast = decoderNorm === "spectral" && kernel === 3;
    return {
      name: `${prefix}.0`,
      channels,
      kernel,
      norm: norm ? `${prefix}.${isNormLast ? 2 : 1}` : undefined,
      isNormLast,
      isSpectral: decoderNorm === "spectral",
      start,
    };
  };
  const doubling = (prefix: string, input: number, output: number, options = {}) =>
    layer(prefix, [input, 4 * output], { kernel: 1, start: "shuffled", ...options });
  // With spectral norm the layers at full size have no batch norm beside it.
  const atFullSize = decoderNorm === "batch" ? {} : { norm: false };
  const deepest = 8 * width;
  let channels = deepest;
  const skips = [4 * width, 2 * width, width, width];
  const levels = skips.map((skip, index): DecoderLevel => {
    const prefix = `layers.${4 + index}`;
    const half = Math.floor(channels / 2);
    const beside = half + skip;
    const output = index === skips.length - 1 ? Math.floor(beside / 2) : beside;
    const level: DecoderLevel = {
      up: doubling(`${prefix}.shuf.0`, channels, half),
      skip: { norm: `${prefix}.bn`, channels: skip },
      convolutions: [
        layer(`${prefix}.conv1`, [beside, output]),
        layer(`${prefix}.conv2`, [output, output]),
      ],
    };
    channels = output;
    return level;
  });
  const beside = channels + 1; // L
  return {
    entry: { norm: "layers.1", channels: deepest },
    middle: [
      layer("layers.3.0", [deepest, 2 * deepest]),
      layer("layers.3.1", [2 * deepest, deepest]),
    ],
    levels,
    up: doubling("layers.8.0", channels, channels, atFullSize),
    residual: [
      layer("layers.11.convpath.0", [beside, beside], atFullSize),
      layer("layers.11.convpath.1", [beside, beside], atFullSize),
    ],
    output: layer("layers.12", [beside, 2], { kernel: 1, start: "linear", norm: false }),
  };
}

/** The tensors of the generator, in the order of its layers. */
export function dynamicUnetParameters(config: DynamicUnetConfig): ParameterSpec[] {
  const { entry, middle, levels, up, residual, output } = decoderLayers(config);
  const layer = ({ name, channels, kernel, norm, isSpectral, start }: DecoderConvolution) => [
    ...(isSpectral ? spectralConvolutionSpec : convolutionSpec)(name, channels, {
      kernel,
      start,
      bias: norm === undefined,
    }),
    ...(norm === undefined ? [] : batchNormSpec(norm, channels[1], start)),
  ];
  return [
    ...resnetParameters(bodyOf(config)),
    ...batchNormSpec(entry.norm, entry.channels, "he"),
    ...middle.flatMap(layer),
    ...levels.flatMap(({ up, skip, convolutions }) => [
      ...layer(up),
      ...batchNormSpec(skip.norm, skip.channels, "he"),
      ...convolutions.flatMap(layer),
    ]),
    ...[up, ...residual, output].flatMap(layer),
  ];
}

/** Numbers that its layers put out for a picture of side `size`. */
export function dynamicUnetOutputs(size: number, config: DynamicUnetConfig): number {
  const { entry, middle, levels, up, residual } = decoderLayers(config);
  let numbers = resnetOutputs(size, bodyOf(config));
  const ofLayer = ({ channels, norm }: DecoderConvolution) =>
    (norm === undefined ? 1 : 2) * channels[1];
  const deep = (size / 32) ** 2;
  numbers += deep * entry.channels;
  for (const layer of middle) numbers += deep * ofLayer(layer);
  for (const [index, { up, skip, convolutions }] of levels.entries()) {
    const pixels = (size / 2 ** (4 - index)) ** 2;
    // Doubled, the skip's norm, and both side by side.
    numbers += pixels * (ofLayer(up) / 4 + 2 * skip.channels + up.channels[1] / 4);
    for (const layer of convolutions) numbers += pixels * ofLayer(layer);
  }
  const atFullSize = [...residual, residual[0]].reduce((sum, layer) => sum + ofLayer(layer), 0);
  return numbers + size ** 2 * (ofLayer(up) / 4 + atFullSize);
}

/** The shape of the encoder. */
export function bodyOf({ encoder, width, moreInputs }: DynamicUnetConfig): ResnetShape {
  const inputs = 1 + moreInputs;
  return { name: encoder, width, prefix: encoderPrefix, inputs, zeroInputs: moreInputs };
}
