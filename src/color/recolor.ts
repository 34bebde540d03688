import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { floatToBytes } from "../engine/kernels/bytes.ts";
import {
  encodeSrgb,
  inverseLabCurve,
  labCurve,
  linearOfBytes,
  rgbOfWhiteXyz,
  whiteXyzOfRgb,
} from "./cie.ts";

/** Red, green and blue of X - Y and of Z - Y: what colour adds to a gray of the luminance Y. */
const rgbOfChroma = [0, 2].map((column) => rgbOfWhiteXyz.map((row) => row[column] ?? NaN));

/**
 * Lightness of sRGB bytes, scaled for the generator, by operations that trace.
 *
 * @param pixels uint8, [B, H, W, 3].
 * @returns L / 50 - 1, [B, H, W, 1] in [-1, 1].
 */
export function lightnessOfBytes(pixels: Tensor): Tensor4D {
  const [batch, height, width] = pixels.shape as [number, number, number, number];
  const fy = labCurve(luminance(pixels));
  return tf.reshape(tf.sub(tf.mul(fy, 116 / 50), 16 / 50 + 1), [batch, height, width, 1]);
}

/**
 * Gives pixels other colours and leaves each its lightness, by operations that trace.
 *
 * A colour that sRGB does not hold at that lightness gives way to the nearest one on the straight
 * line to the gray of the same luminance, in linear light: so L* is kept whatever ab is. Clipping
 * red, green and blue each for itself would change it.
 *
 * @param pixels uint8, [B, H, W, 3]; their colours do not matter.
 * @param ab in the units of L*a*b*, [B, H, W, 2].
 * @returns uint8, [B, H, W, 3]; where ab is 0, grays.
 */
export function recolor(pixels: Tensor, ab: Tensor): Tensor {
  const y = luminance(pixels); // [N, 1]
  const fy = labCurve(y);
  // fx = fy + a / 500, fz = fy - b / 200
  const shift = tf.mul(tf.reshape(ab, [-1, 2]), tf.tensor1d([1 / 500, -1 / 200]));
  const xz = inverseLabCurve(tf.maximum(tf.add(fy, shift), 16 / 116)); // [N, 2]
  // Not xz - y: so without ab the difference is exactly 0.
  const difference = tf.sub(xz, inverseLabCurve(fy)) as Tensor2D;
  const chroma = tf.matMul(difference, tf.tensor2d(rgbOfChroma)); // [N, 3]
  const room = tf.where(tf.greater(chroma, 0), tf.sub(1, y), y);
  const fitting = tf.min(tf.div(room, tf.maximum(tf.abs(chroma), 1e-6)), 1, true); // [N, 1]
  const linear = tf.add(y, tf.mul(chroma, tf.minimum(fitting, 1)));
  return floatToBytes(tf.reshape(encodeSrgb(linear), pixels.shape));
}

/** Y of sRGB bytes, [B, H, W, 3], in [0, 1] as a column, [B H W, 1]. */
function luminance(pixels: Tensor): Tensor2D {
  const weights = (whiteXyzOfRgb[1] ?? []).map((weight) => [weight]);
  return tf.matMul(tf.reshape(linearOfBytes(pixels), [-1, 3]), tf.tensor2d(weights));
}
