import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";

/** ImageNet's means and standard deviations, of red, green and blue in [0, 1]. */
export const imageNet = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/**
 * Values as networks see them that were trained on ImageNet.
 *
 * @param values sRGB in [0, 1], [B, H, W, 3]; of grays [B, H, W, 1] will do.
 * @returns [B, H, W, 3].
 */
export function imageNetNormalized(values: Tensor): Tensor {
  return tf.div(tf.sub(values, tf.tensor1d(imageNet.mean)), tf.tensor1d(imageNet.deviation));
}
