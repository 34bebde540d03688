import type { Tensor } from "@tensorflow/tfjs";
import { imageNetNormalized } from "../color/imagenet.ts";
import { encoderPrefix } from "./dynamic_unet_layers.ts";
import type { Forward, ParameterSpec } from "./parameters.ts";
import { resnet } from "./resnet.ts";
import { type ResnetName, resnetOutputs, resnetParameters } from "./resnet_layers.ts";
import { vggFeatures, vggOutputs, vggParameters, vggWidth } from "./vgg.ts";

/** A network that has learned to see, as the perceptual loss looks through it. */
export interface FeatureNetwork {
  readonly parameters: readonly ParameterSpec[];
  /** The share of each feature in the loss. */
  readonly shares: readonly number[];
  /**
   * @param rgb sRGB in [0, 1], [B, H, W, 3].
   * @param forward in evaluation mode.
   * @returns as many as there are shares, the finest first.
   */
  features(rgb: Tensor, forward: Forward): Tensor[];
  /** Numbers that its layers put out for one picture of side `size`, in pixels. */
  outputs(size: number): number;
}

/** VGG16 with batch norm, conv1_1 to conv5_1, with DDColor's shares (Kang et al., 2023). */
export function vggNetwork(width = vggWidth): FeatureNetwork {
  return {
    parameters: vggParameters(width),
    shares: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1],
    features: (rgb, forward) => vggFeatures(rgb, forward, width),
    outputs: (size) => vggOutputs(size, width),
  };
}

/**
 * A ResNet that sees RGB, under the names of a generator's encoder: its first ReLU and the ends of its
 * first three stages, which LPIPS takes as well (Zhang et al., 2018). They have the strides of VGG's
 * conv2_1 to conv5_1, and their shares. The fourth stage, of stride 32, sees where no VGG layer does.
 */
export function resnetNetwork(name: ResnetName, width: number): FeatureNetwork {
  const shape = { name, width, prefix: encoderPrefix, inputs: 3, stages: 3 };
  return {
    parameters: resnetParameters(shape),
    shares: [1 / 8, 1 / 4, 1 / 2, 1],
    features: (rgb, forward) => resnet(imageNetNormalized(rgb), forward, shape),
    outputs: (size) => resnetOutputs(size, shape),
  };
}
