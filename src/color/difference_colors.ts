import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { rgbOfLab } from "./lab.ts";

/** The difference from which on all are shown alike. */
const largestDifferenceShown = 30;

/** What the colours mean, for a caption. */
export const differenceScale = "ΔE: black 0, violet 8, red 15, orange 21, pale yellow 30 and more";

/**
 * Colours for differences, by operations that trace. The larger the difference, the lighter: L* goes
 * evenly from 5 to 95, so that equal steps look equal and order shows without colour, too; the hue
 * turns from blue by red to yellow.
 *
 * @param differences from 0, [B, H, W].
 * @returns sRGB values in [0, 255], [B, H, W, 3].
 */
export function differenceColors(differences: Tensor): Tensor4D {
  const part = tf.clipByValue(tf.div(differences, largestDifferenceShown), 0, 1);
  const L = tf.add(5, tf.mul(part, 90));
  const hue = tf.mul(tf.add(tf.mul(part, 175), 280), Math.PI / 180); // from 280 by 360 to 95 degrees
  // As much as sRGB holds on this way.
  const chroma = tf.mul(tf.sin(tf.mul(tf.add(tf.mul(part, 0.86), 0.06), Math.PI)), 66);
  const lab = tf.stack([L, tf.mul(chroma, tf.cos(hue)), tf.mul(chroma, tf.sin(hue))], 3);
  return rgbOfLab(lab);
}
