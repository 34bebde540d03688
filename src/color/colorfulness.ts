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
  return fromOpponents(tf.sub(red, green), tf.sub(tf.mul(tf.add(red, green), 0.5), blue));
}

/**
 * How colourful pictures look as DDColor's papers and those that compare with it count it: with
 * absolute values of the two opponent channels, which lowers the number of a picture with hues on both
 * sides of gray (Kang et al., 2023; `calculate_cf` of its code).
 *
 * @param rgb sRGB values in [0, 255], [B, H, W, 3].
 * @returns [B].
 */
export function absoluteColorfulness(rgb: Tensor): Tensor {
  const [red, green, blue] = tf.unstack(rgb, 3) as [Tensor, Tensor, Tensor];
  return fromOpponents(
    tf.abs(tf.sub(red, green)),
    tf.abs(tf.sub(tf.mul(tf.add(red, green), 0.5), blue)),
  );
}

/** @param redGreen and yellowBlue: [B, H, W] each. */
function fromOpponents(redGreen: Tensor, yellowBlue: Tensor): Tensor {
  const [first, second] = [momentsOf(redGreen), momentsOf(yellowBlue)];
  const spread = tf.sqrt(tf.add(first.variance, second.variance));
  const shift = tf.sqrt(tf.add(tf.square(first.mean), tf.square(second.mean)));
  return tf.add(spread, tf.mul(shift, 0.3));
}

/** Of each plane of [B, H, W]. */
function momentsOf(planes: Tensor): { mean: Tensor; variance: Tensor } {
  const mean = tf.mean(planes, [1, 2], true);
  const variance = tf.mean(tf.squaredDifference(planes, mean), [1, 2]);
  return { mean: tf.reshape(mean, [-1]), variance };
}
