import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { lookUpBytes } from "../engine/kernels/bytes.ts";

/** Linear light of each sRGB byte (IEC 61966-2-1). */
const linearOfByte = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
});

/** From linear sRGB to CIE XYZ, rows X, Y, Z (IEC 61966-2-1). */
const xyzOfRgb = [
  [0.412453, 0.357580, 0.180423],
  [0.212671, 0.715160, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const;

/** D65 for the 2 degree observer (ASTM E308), Y = 1. */
const white = [0.95047, 1, 1.08883] as const;

/** Where the cube root of L*a*b* gives way to its straight line. */
const threshold = 0.008856;

/** What ab is divided by, so that every sRGB colour lies in [-1, 1]. */
export const abScale = 110;

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
  const [batch, height, width] = pixels.shape as [number, number, number, number];
  const linear = lookUpBytes(tf.tensor1d(linearOfByte), pixels);
  const toXyz = tf.transpose(tf.tensor2d(xyzOfRgb.map((row, i) => row.map((v) => v / white[i]!))));
  const xyz = tf.matMul(tf.reshape(linear, [-1, 3]), toXyz as never); // [B H W, 3], white at 1
  const root = tf.exp(tf.div(tf.log(tf.maximum(xyz, threshold)), 3));
  const line = tf.add(tf.mul(xyz, 7.787), 16 / 116);
  const f = tf.where(tf.greater(xyz, threshold), root, line);
  // L = 116 fy - 16, a = 500 (fx - fy), b = 200 (fy - fz)
  const toLab = tf.tensor2d([[0, 500, 0], [116, -500, 200], [0, 0, -200]]);
  const lab = tf.add(tf.matMul(f as never, toLab as never), tf.tensor1d([-16, 0, 0]));
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
 * L*a*b* to sRGB, by operations that trace.
 *
 * @param lab [B, H, W, 3].
 * @returns sRGB values in [0, 255], not rounded; colours outside sRGB are clipped. [B, H, W, 3].
 */
export function rgbOfLab(lab: Tensor): Tensor4D {
  const [batch, height, width] = lab.shape as [number, number, number, number];
  // fy = (L + 16) / 116, fx = fy + a / 500, fz = fy - b / 200
  const toF = tf.tensor2d([[1 / 116, 1 / 116, 1 / 116], [1 / 500, 0, 0], [0, 0, -1 / 200]]);
  const flat = tf.add(tf.reshape(lab, [-1, 3]), tf.tensor1d([16, 0, 0]));
  const f = tf.maximum(tf.matMul(flat as never, toF as never), 0);
  const line = tf.div(tf.sub(f, 16 / 116), 7.787);
  const xyz = tf.where(tf.greater(f, Math.cbrt(threshold)), tf.mul(f, tf.square(f)), line);
  const toRgb = tf.tensor2d(inverse(xyzOfRgb).map((row) => row.map((v, i) => v * white[i]!)));
  const linear = tf.clipByValue(tf.matMul(xyz as never, tf.transpose(toRgb) as never), 0, 1);
  const power = tf.exp(tf.mul(tf.log(tf.maximum(linear, 0.0031308)), 1 / 2.4));
  const curve = tf.sub(tf.mul(power, 1.055), 0.055);
  const srgb = tf.where(tf.greater(linear, 0.0031308), curve, tf.mul(linear, 12.92));
  return tf.reshape(tf.mul(srgb, 255), [batch, height, width, 3]);
}

/** The inverse of a 3x3 matrix, by cofactors. */
function inverse(m: readonly (readonly number[])[]): number[][] {
  const at = (row: number, column: number) => m[row % 3]?.[column % 3] ?? NaN;
  const cofactor = (i: number, j: number) =>
    at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  const determinant = [0, 1, 2].reduce((sum, j) => sum + at(0, j) * cofactor(0, j), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}
