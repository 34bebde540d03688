import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { imageNetNormalized } from "../color/imagenet.ts";
import { addBias } from "../engine/kernels/bias.ts";
import { convolution } from "../engine/kernels/convolution.ts";
import { batchNormSpec, convolutionSpec, type Forward, type ParameterSpec } from "./parameters.ts";

/** Channels of the first block of torchvision's network. */
export const vggWidth = 64;

interface VggLayer {
  /** Its convolution's place in torchvision's `features`; the batch norm is the next. */
  readonly index: number;
  readonly channels: readonly [input: number, output: number];
  /** Whether a halving comes before it. */
  readonly pooled: boolean;
  /** Whether what its convolution puts out is a feature: the first of its block. */
  readonly isFeature: boolean;
}

/** VGG16 with batch norm (Simonyan & Zisserman, 2015) up to conv5_1. */
function layers(width: number): VggLayer[] {
  const blocks = [2, 2, 3, 3, 1];
  let [index, input] = [0, 3];
  return blocks.flatMap((count, block) => {
    const output = width * Math.min(2 ** block, 8);
    const made = Array.from({ length: count }, (_, i): VggLayer => {
      const layer: VggLayer = {
        index: index + 3 * i, // a convolution, a batch norm, a ReLU
        channels: [input, output],
        pooled: block > 0 && i === 0,
        isFeature: i === 0,
      };
      input = output;
      return layer;
    });
    index += 3 * count + 1; // and the pooling after the block
    return made;
  });
}

/** The tensors that `vggFeatures` needs, with torchvision's names. */
export function vggParameters(width = vggWidth): ParameterSpec[] {
  const all = layers(width);
  return all.flatMap(({ index, channels }) => [
    ...convolutionSpec(`features.${index}`, channels, { kernel: 3, bias: true }),
    ...(index === all.at(-1)?.index ? [] : batchNormSpec(`features.${index + 1}`, channels[1])),
  ]);
}

/**
 * What the convolutions conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1 put out, before their batch
 * norms.
 *
 * @param rgb sRGB in [0, 1], [B, H, W, 3]; normalized with ImageNet's statistics here.
 * @param forward in evaluation mode.
 */
export function vggFeatures(rgb: Tensor, forward: Forward, width = vggWidth): Tensor4D[] {
  const all = layers(width);
  const features: Tensor4D[] = [];
  let h = imageNetNormalized(rgb);
  for (const { index, pooled, isFeature } of all) {
    if (pooled) h = tf.maxPool(h as Tensor4D, 2, 2, "valid");
    const name = `features.${index}`;
    h = convolution(h, forward.parameter(`${name}.weight`), { stride: 1, padding: 1 });
    h = addBias(h, forward.parameter(`${name}.bias`));
    if (isFeature) features.push(h as Tensor4D);
    if (index === all.at(-1)?.index) break;
    h = tf.relu(forward.batchNorm(h, `features.${index + 1}`));
  }
  return features;
}

/** Numbers that its layers put out for one picture of side `size`, in pixels. */
export function vggOutputs(size: number, width = vggWidth): number {
  let side = size;
  return layers(width).reduce((sum, { channels, pooled }) => {
    if (pooled) side /= 2;
    return sum + 3 * side ** 2 * channels[1]; // the convolution, its norm, its ReLU
  }, 0);
}
