import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { instanceNorm } from "../engine/kernels/instance_norm.ts";
import {
  batchNormSpec,
  convolutionSpec,
  type Forward,
  type ParameterSpec,
  spectralConvolutionSpec,
} from "./parameters.ts";

/** The shape of a PatchGAN (Isola et al., 2017, pix2pix). */
export interface PatchganConfig {
  /** Channels of the first layer. */
  readonly ndf: number;
  /** Normalized layers; all but the last halve their input. */
  readonly nLayers: number;
  /** What normalizes the layers between the first and the last; batch norm when left out. */
  readonly norm?: DiscriminatorNorm;
  /** Slope of the leaky ReLUs below zero. */
  readonly leakySlope: number;
  /** Epsilon of instance norm; PyTorch's 1e-5 when left out. */
  readonly normEpsilon?: number;
}

/**
 * A discriminator's normalization; instance norm has no parameters. "spectral" divides the weights of
 * all convolutions, the first and the last included, by their spectral norms (Miyato et al., 2018).
 */
type DiscriminatorNorm = "batch" | "instance" | "none" | "spectral";

/** What decides its tensors. */
type PatchganShape = Pick<PatchganConfig, "ndf" | "nLayers" | "norm">;

interface Layer {
  readonly prefix: string;
  readonly channels: readonly [input: number, output: number];
  readonly stride: number;
  /**
   * The first and last layers have none, but for "spectral", which is of weights. Where there is no
   * batch norm, there is a bias.
   */
  readonly norm: DiscriminatorNorm;
  readonly last: boolean;
}

function layers({ ndf, nLayers, norm = "batch" }: PatchganShape): Layer[] {
  return Array.from({ length: nLayers + 2 }, (_, index) => {
    const [first, last] = [index === 0, index === nLayers + 1];
    return {
      prefix: `model.${index}`,
      channels: [first ? 3 : ndf * 2 ** (index - 1), last ? 1 : ndf * 2 ** index],
      stride: index < nLayers ? 2 : 1,
      norm: (first || last) && norm !== "spectral" ? "none" : norm,
      last,
    };
  });
}

/** The tensors of the discriminator, in PyTorch's order. */
export function patchganParameters(config: PatchganShape): ParameterSpec[] {
  return layers(config).flatMap(({ prefix, channels, norm }) => {
    const convolution = norm === "spectral" ? spectralConvolutionSpec : convolutionSpec;
    return [
      ...convolution(`${prefix}.0`, channels, { bias: norm !== "batch" }),
      ...(norm === "batch" ? batchNormSpec(`${prefix}.1`, channels[1]) : []),
    ];
  });
}

/**
 * The discriminator: how real each patch of a picture looks.
 *
 * @param pictures [B, H, W, 3]: L beside ab or sRGB, scaled to [-1, 1].
 * @returns logits of the patches, [B, h, w, 1].
 */
export function patchgan(pictures: Tensor, forward: Forward, config: PatchganConfig): Tensor {
  let h = pictures;
  for (const { prefix, stride, norm, last } of layers(config)) {
    const weight = norm === "spectral"
      ? forward.spectralWeight(`${prefix}.0`)
      : forward.parameter(`${prefix}.0.weight`);
    h = convolution(h, weight, { stride, padding: 1 });
    h = norm === "batch"
      ? forward.batchNorm(h, `${prefix}.1`)
      : addBias(h, forward.parameter(`${prefix}.0.bias`));
    if (norm === "instance") h = instanceNorm(h, config.normEpsilon ?? 1e-5);
    if (!last) h = tf.leakyRelu(h, config.leakySlope);
  }
  return h;
}
