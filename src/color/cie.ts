import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { lookUpBytes } from "../engine/kernels/bytes.ts";
import { stopGradient } from "../engine/kernels/kernel.ts";

/** Linear light of each sRGB byte (IEC 61966-2-1). */
export const linearOfByte = Float32Array.from({ length: 256 }, (_, byte) => {
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

/** From linear sRGB to XYZ over that of white: rows X, Y, Z. */
export const whiteXyzOfRgb: readonly (readonly number[])[] = xyzOfRgb.map((row, i) =>
  row.map((value) => value / white[i]!)
);

/** Its inverse: rows red, green, blue. */
export const rgbOfWhiteXyz: readonly (readonly number[])[] = inverse(whiteXyzOfRgb);

/** sRGB bytes, uint8 of any shape, as linear light in [0, 1]. */
export function linearOfBytes(bytes: Tensor): Tensor {
  return lookUpBytes(tf.tensor1d(linearOfByte), bytes);
}

/** sRGB values in [0, 1], of any shape, as linear light in [0, 1]. */
export function linearOfSrgb(values: Tensor): Tensor {
  // The logarithm is of a power's part alone, where it is far from 0.
  const base = tf.maximum(tf.div(tf.add(values, 0.055), 1.055), 0.05);
  const power = tf.exp(tf.mul(tf.log(base), 2.4));
  return tf.where(tf.greater(values, 0.04045), power, tf.div(values, 12.92));
}

/** Linear light in [0, 1], of any shape, as sRGB values in [0, 255], not rounded. Has a gradient. */
export function encodeSrgb(linear: Tensor): Tensor {
  const power = tf.exp(tf.mul(tf.log(tf.maximum(linear, 0.0031308)), 1 / 2.4));
  const curve = tf.sub(tf.mul(power, 1.055), 0.055);
  // The gradient leads through the two parts, never through the choice between them.
  return tf.mul(
    tf.where(tf.greater(stopGradient(linear), 0.0031308), curve, tf.mul(linear, 12.92)),
    255,
  );
}

/** The curve of L*a*b* (CIE 1976), of X, Y or Z over that of white; of any shape. */
export function labCurve(xyz: Tensor): Tensor {
  const root = tf.exp(tf.div(tf.log(tf.maximum(xyz, threshold)), 3));
  const line = tf.add(tf.mul(xyz, 7.787), 16 / 116);
  return tf.where(tf.greater(xyz, threshold), root, line);
}

/** The inverse of `labCurve`. Has a gradient. */
export function inverseLabCurve(f: Tensor): Tensor {
  const line = tf.div(tf.sub(f, 16 / 116), 7.787);
  const isCurved = tf.greater(stopGradient(f), Math.cbrt(threshold));
  return tf.where(isCurved, tf.mul(f, tf.square(f)), line);
}

/** The inverse of a 3x3 matrix, by cofactors. */
function inverse(m: readonly (readonly number[])[]): number[][] {
  const at = (row: number, column: number) => m[row % 3]?.[column % 3] ?? NaN;
  const cofactor = (i: number, j: number) =>
    at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  const determinant = [0, 1, 2].reduce((sum, j) => sum + at(0, j) * cofactor(0, j), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}
