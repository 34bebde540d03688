import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { batchNormSpec, convolutionSpec, type Forward, type ParameterSpec } from "./parameters.ts";

/** The shape of a PatchGAN (Isola et al., 2017, pix2pix). */
export interface PatchganConfig {
  /** Channels of the first layer. */
  readonly ndf: number;
  /** Normalized layers; all but the last halve their input. */
  readonly nLayers: number;
  /** Slope of the leaky ReLUs below zero. */
  readonly leakySlope: number;
}

/** What decides its tensors. */
type PatchganShape = Omit<PatchganConfig, "leakySlope">;

interface Layer {
  readonly prefix: string;
  readonly channels: readonly [input: number, output: number];
  readonly stride: number;
  /** The first and last layers have a bias, those between a batch norm. */
  readonly norm: boolean;
  readonly last: boolean;
}

function layers({ ndf, nLayers }: PatchganShape): Layer[] {
  return Array.from({ length: nLayers + 2 }, (_, index) => {
    const [first, last] = [index === 0, index === nLayers + 1];
    return {
      prefix: `model.${index}`,
      channels: [first ? 3 : ndf * 2 ** (index - 1), last ? 1 : ndf * 2 ** index],
      stride: index < nLayers ? 2 : 1,
      norm: !first && !last,
      last,
    };
  });
}

/** The tensors of the discriminator, in PyTorch's order. */
export function patchganParameters(config: PatchganShape): ParameterSpec[] {
  return layers(config).flatMap(({ prefix, channels, norm }) => [
    ...convolutionSpec(`${prefix}.0`, channels, { bias: !norm }),
    ...(norm ? batchNormSpec(`${prefix}.1`, channels[1]) : []),
  ]);
}

/**
 * The discriminator: how real each patch of a picture looks.
 *
 * @param Lab [B, H, W, 3], L beside ab, scaled to [-1, 1].
 * @returns logits of the patches, [B, h, w, 1].
 */
export function patchgan(Lab: Tensor, forward: Forward, config: PatchganConfig): Tensor {
  let h = Lab;
  for (const { prefix, stride, norm, last } of layers(config)) {
    h = convolution(h, forward.parameter(`${prefix}.0.weight`), { stride, padding: 1 });
    h = norm
      ? forward.batchNorm(h, `${prefix}.1`)
      : addBias(h, forward.parameter(`${prefix}.0.bias`));
    if (!last) h = tf.leakyRelu(h, config.leakySlope);
  }
  return h;
}
