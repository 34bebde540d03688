import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { imageNet } from "./imagenet_facts.ts";

/**
 * Values as networks see them that were trained on ImageNet.
 *
 * @param values sRGB in [0, 1], [B, H, W, 3]; of grays [B, H, W, 1] will do.
 * @returns [B, H, W, 3].
 */
export function imageNetNormalized(values: Tensor): Tensor {
  return tf.div(tf.sub(values, tf.tensor1d(imageNet.mean)), tf.tensor1d(imageNet.deviation));
}
