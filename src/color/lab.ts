import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { exactProduct } from "../engine/kernels/exact_product.ts";
import { encodeSrgb, inverseLabCurve, labCurve, linearOfBytes, linearOfSrgb } from "./cie.ts";
import { abScale, rgbOfWhiteXyz, whiteXyzOfRgb } from "./cie_tables.ts";

export { abScale } from "./cie_tables.ts";

/** L*a*b*, scaled for the networks. */
export interface ScaledLab {
  /** L / 50 - 1, [B, H, W, 1] in [-1, 1]. */
  readonly L: Tensor4D;
  /** a and b over 110, [B, H, W, 2]. */
  readonly ab: Tensor4D;
}

/**
 * sRGB bytes to L*a*b* (CIE 1976, D65), by TensorFlow operations that trace.
 *
 * @param pixels uint8, [B, H, W, 3].
 * @returns L in [0, 100], a and b in about [-108, 108], [B, H, W, 3] float32.
 */
export function labOfBytes(pixels: Tensor): Tensor4D {
  return labOfLight(linearOfBytes(pixels), pixels.shape);
}

/**
 * a and b of sRGB values, by operations that trace.
 *
 * @param values sRGB in [0, 1], [B, H, W, 3] float32.
 * @returns a and b over 110, [B, H, W, 2].
 */
export function abOfSrgb(values: Tensor): Tensor4D {
  return scaleLab(labOfLight(linearOfSrgb(values), values.shape)).ab;
}

/** @param light linear, in [0, 1], of `shape`, [B, H, W, 3]. */
function labOfLight(light: Tensor, shape: readonly number[]): Tensor4D {
  const [batch, height, width] = shape as [number, number, number, number];
  const linear = tf.reshape(light, [-1, 3]);
  const f = labCurve(exactProduct(linear, transposed(whiteXyzOfRgb))); // [B H W, 3]
  // L = 116 fy - 16, a = 500 (fx - fy), b = 200 (fy - fz)
  const toLab = tf.tensor2d([[0, 500, 0], [116, -500, 200], [0, 0, -200]]);
  const lab = tf.add(exactProduct(f, toLab), tf.tensor1d([-16, 0, 0]));
  return tf.reshape(lab, [batch, height, width, 3]);
}

/** Scales L*a*b*, [B, H, W, 3], for the networks. */
export function scaleLab(lab: Tensor): ScaledLab {
  const [batch, height, width] = lab.shape as [number, number, number, number];
  const L = tf.slice(lab, [0, 0, 0, 0], [batch, height, width, 1]);
  const ab = tf.slice(lab, [0, 0, 0, 1], [batch, height, width, 2]);
  return { L: tf.sub(tf.div(L, 50), 1) as Tensor4D, ab: tf.div(ab, abScale) as Tensor4D };
}

/** L*a*b*, [B, H, W, 3], from the networks' scale. */
export function unscaleLab({ L, ab }: { L: Tensor; ab: Tensor }): Tensor4D {
  return tf.concat([tf.mul(tf.add(L, 1), 50), tf.mul(ab, abScale)], 3) as Tensor4D;
}

/**
 * L*a*b* to sRGB, by operations that trace and have gradients.
 *
 * @param lab [B, H, W, 3].
 * @returns sRGB values in [0, 255], not rounded; colours outside sRGB are clipped. [B, H, W, 3].
 */
export function rgbOfLab(lab: Tensor): Tensor4D {
  const [batch, height, width] = lab.shape as [number, number, number, number];
  // fy = (L + 16) / 116, fx = fy + a / 500, fz = fy - b / 200
  const toF = tf.tensor2d([[1 / 116, 1 / 116, 1 / 116], [1 / 500, 0, 0], [0, 0, -1 / 200]]);
  const flat = tf.add(tf.reshape(lab, [-1, 3]), tf.tensor1d([16, 0, 0]));
  const xyz = inverseLabCurve(tf.maximum(exactProduct(flat, toF), 0));
  const linear = tf.clipByValue(exactProduct(xyz, transposed(rgbOfWhiteXyz)), 0, 1);
  return tf.reshape(encodeSrgb(linear), [batch, height, width, 3]);
}

function transposed(matrix: readonly (readonly number[])[]): Tensor2D {
  return tf.transpose(tf.tensor2d(matrix.map((row) => [...row])));
}
