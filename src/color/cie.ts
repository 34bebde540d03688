import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { lookUpBytes } from "../engine/kernels/bytes.ts";
import { stopGradient } from "../engine/kernels/kernel.ts";
import { linearOfByte, threshold } from "./cie_tables.ts";

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
