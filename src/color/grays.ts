import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { lookUpBytes } from "../engine/kernels/bytes.ts";
import { exactProduct } from "../engine/kernels/exact_product.ts";
import { encodeSrgb, linearOfBytes } from "./cie.ts";
import { luminance } from "./recolor.ts";

/** Red, green and blue in Y' of ITU-R BT.601, which video, JPEG and Pillow's mode L have. */
const lumaWeights = [0.299, 0.587, 0.114] as const;

/**
 * The grays that have the lightness of pixels, by operations that trace.
 *
 * @param pixels uint8, [B, H, W, 3].
 * @returns sRGB in [0, 1], [B, H, W, 1].
 */
export function grayOfBytes(pixels: Tensor): Tensor4D {
  const [batch, height, width] = pixels.shape as [number, number, number, number];
  const gray = tf.div(encodeSrgb(luminance(linearOfBytes(pixels))), 255);
  return tf.reshape(gray, [batch, height, width, 1]);
}

/** sRGB bytes, of any shape, in [0, 1]. */
export function valuesOfBytes(pixels: Tensor): Tensor {
  const values = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  return lookUpBytes(tf.tensor1d(values), pixels);
}

/**
 * Y' of ITU-R BT.601, by operations that trace.
 *
 * @param values sRGB in [0, 1], [B, H, W, 3].
 * @returns [B, H, W, 1] in [0, 1].
 */
export function lumaOf(values: Tensor): Tensor4D {
  const [batch, height, width] = values.shape as [number, number, number, number];
  const weights = tf.tensor2d(lumaWeights.map((weight) => [weight]));
  const luma = exactProduct(tf.reshape(values, [-1, 3]), weights);
  return tf.reshape(luma, [batch, height, width, 1]);
}
