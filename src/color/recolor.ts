import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { floatToBytes } from "../engine/kernels/bytes.ts";
import { exactProduct } from "../engine/kernels/exact_product.ts";
import { encodeSrgb, inverseLabCurve, labCurve, linearOfBytes, linearOfSrgb } from "./cie.ts";
import { rgbOfWhiteXyz, whiteXyzOfRgb } from "./cie_tables.ts";

/**
 * Lightness of sRGB bytes, scaled for the generator, by operations that trace.
 *
 * @param pixels uint8, [B, H, W, 3].
 * @returns L / 50 - 1, [B, H, W, 1] in [-1, 1].
 */
export function lightnessOfBytes(pixels: Tensor): Tensor4D {
  const [batch, height, width] = pixels.shape as [number, number, number, number];
  const fy = labCurve(luminance(linearOfBytes(pixels)));
  return tf.reshape(tf.sub(tf.mul(fy, 116 / 50), 16 / 50 + 1), [batch, height, width, 1]);
}

/**
 * Gives pixels other colours and leaves each its lightness, by operations that trace.
 *
 * A colour that sRGB does not hold at that lightness gives way to the nearest one on the straight
 * line to the gray of the same luminance, in linear light: so L* is kept whatever a and b are.
 * Clipping red, green and blue each for itself would change it.
 *
 * @param pixels uint8, [B, H, W, 3]; their colours do not matter.
 * @param colors a and b in the units of L*a*b*, [B, H, W] each.
 * @returns uint8, [B, H, W, 3]; where a and b are 0, grays.
 */
export function recolor(pixels: Tensor, colors: Colors): Tensor {
  return floatToBytes(recolorLight(linearOfBytes(pixels), colors));
}

/**
 * As `recolor`, with 16 bits a channel: whole numbers from 0 to 65,535 as float32, in and out.
 *
 * @param pixels sRGB, [B, H, W, 3]; their colours do not matter.
 * @returns [B, H, W, 3].
 */
export function recolorDeep(pixels: Tensor, colors: Colors): Tensor {
  const light = linearOfSrgb(tf.div(pixels, 65_535));
  const values = tf.mul(recolorLight(light, colors), 65_535 / 255);
  return tf.round(tf.clipByValue(values, 0, 65_535));
}

/** a and b in the units of L*a*b*, [B, H, W] each. */
interface Colors {
  readonly a: Tensor;
  readonly b: Tensor;
}

/**
 * @param light linear, in [0, 1], [B, H, W, 3].
 * @returns sRGB in [0, 255], not rounded.
 */
function recolorLight(light: Tensor, colors: Colors): Tensor {
  // Plane by plane: operations on three planes take half the time of those on triples.
  const y = tf.reshape(luminance(light), [-1]);
  const fy = labCurve(y);
  const fx = tf.add(fy, tf.mul(tf.reshape(colors.a, [-1]), 1 / 500));
  const fz = tf.sub(fy, tf.mul(tf.reshape(colors.b, [-1]), 1 / 200));
  // The inverse curve of fy is y; but so the differences are exactly 0 where a and b are.
  const back = inverseLabCurve(fy);
  const [dx, dz] = [fx, fz]
    .map((f) => tf.sub(inverseLabCurve(tf.maximum(f, 16 / 116)), back)) as [Tensor, Tensor];
  const chroma = rgbOfWhiteXyz.map(([ofX = NaN, , ofZ = NaN]) =>
    tf.add(tf.mul(dx, ofX), tf.mul(dz, ofZ))
  );
  const upwards = tf.sub(1, y);
  const fitting = chroma.map((c) =>
    tf.div(tf.where(tf.greater(c, 0), upwards, y), tf.maximum(tf.abs(c), 1e-6))
  ).reduce((least, part) => tf.minimum(least, part), tf.scalar(1));
  const linear = tf.concat(chroma.map((c) => tf.add(y, tf.mul(c, fitting))));
  const triples = tf.transpose(tf.reshape(encodeSrgb(linear), [3, -1]));
  return tf.reshape(triples, light.shape);
}

/** Y of linear light, [B, H, W, 3], in [0, 1] as a column, [B H W, 1]. */
export function luminance(light: Tensor): Tensor2D {
  const weights = (whiteXyzOfRgb[1] ?? []).map((weight) => [weight]);
  return exactProduct(tf.reshape(light, [-1, 3]), tf.tensor2d(weights));
}
