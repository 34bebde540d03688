import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { abScale, type ScaledLab } from "../color/lab.ts";
import type { PhotoDraws } from "./photo_draws.ts";

/** How far colours may go; 0 for not at all. */
export interface ColourJitterOptions {
  /** Largest change of the factor on ab. */
  readonly saturationJitter: number;
  /** Largest shift that white gets, in a and in b, in units of L*a*b*. */
  readonly whiteBalanceJitter: number;
}

/**
 * The colours of each photo, more or less saturated, then under another white; its L stays. This
 * changes what the generator is to predict.
 *
 * The shift of white is that of a camera's white balance: X and Z are multiplied (von Kries), so
 * that L*a*b* of Y stays and a and b move with the lightness, least in the shadows. By the curve's
 * cube root this is exact where X, Y and Z are over 0.9 % of white.
 *
 * @returns ab over 110, [B, H, W, 2], cut off at [-1, 1], beyond which the generator's tanh cannot go.
 */
export function jitterColours(
  { L, ab }: ScaledLab,
  draws: PhotoDraws,
  { saturationJitter, whiteBalanceJitter }: ColourJitterOptions,
): Tensor4D {
  let factor: Tensor = saturationJitter === 0
    ? tf.scalar(1)
    : draws.uniform("saturation", [1 - saturationJitter, 1 + saturationJitter]);
  if (whiteBalanceJitter === 0) return tf.clipByValue(tf.mul(ab, factor) as Tensor4D, -1, 1);
  const range = [-whiteBalanceJitter, whiteBalanceJitter] as const;
  const shift = tf.concat([draws.uniform("whiteA", range), draws.uniform("whiteB", range)], 3);
  // With fx = fy + a / 500 and fz = fy - b / 200, a gains shift * fx and b gains shift * fz.
  const fy = tf.add(tf.mul(L, 50 / 116), 66 / 116);
  const perChannel = tf.tensor1d([1 / 500, -1 / 200]);
  factor = tf.mul(factor, tf.add(tf.mul(shift, perChannel), 1)); // [B, 1, 1, 2]
  const tinted = tf.add(tf.mul(ab, factor), tf.mul(fy, tf.div(shift, abScale)));
  return tf.clipByValue(tinted as Tensor4D, -1, 1);
}
