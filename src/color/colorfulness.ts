import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";

/**
 * How colourful pictures look (Hasler & Suesstrunk, 2003: "Measuring colourfulness in natural
 * images", their metric M3), by operations that trace: 0 for grays, about 33 for a moderately and
 * 109 for an extremely colourful picture.
 *
 * @param rgb sRGB values in [0, 255], [B, H, W, 3].
 * @returns [B].
 */
export function colorfulness(rgb: Tensor): Tensor {
  const [red, green, blue] = tf.unstack(rgb, 3) as [Tensor, Tensor, Tensor];
  const redGreen = momentsOf(tf.sub(red, green));
  const yellowBlue = momentsOf(tf.sub(tf.mul(tf.add(red, green), 0.5), blue));
  const spread = tf.sqrt(tf.add(redGreen.variance, yellowBlue.variance));
  const shift = tf.sqrt(tf.add(tf.square(redGreen.mean), tf.square(yellowBlue.mean)));
  return tf.add(spread, tf.mul(shift, 0.3));
}

/** Of each plane of [B, H, W]. */
function momentsOf(planes: Tensor): { mean: Tensor; variance: Tensor } {
  const mean = tf.mean(planes, [1, 2], true);
  const variance = tf.mean(tf.squaredDifference(planes, mean), [1, 2]);
  return { mean: tf.reshape(mean, [-1]), variance };
}
