import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";

/** A tensor of an ONNX graph while it is computed. */
export interface OnnxValue {
  readonly tensor: Tensor;
  /**
   * True for maps, which ONNX lays out as [B, C, H, W] and which are computed as [B, H, W, C]: the
   * tensor has that order. False for a tensor in its own order.
   */
  readonly isMap: boolean;
}

export function map(tensor: Tensor): OnnxValue {
  return { tensor, isMap: true };
}

export function own(tensor: Tensor): OnnxValue {
  return { tensor, isMap: false };
}

/** In ONNX's order. */
export function plain({ tensor, isMap }: OnnxValue): Tensor {
  return isMap ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor;
}

/** As a map; ONNX's order says [B, C, H, W]. */
export function asMap({ tensor, isMap }: OnnxValue): Tensor4D {
  return (isMap ? tensor : tf.transpose(tensor, [0, 2, 3, 1])) as Tensor4D;
}

/** The shape in ONNX's order. */
export function shapeOf({ tensor: { shape }, isMap }: OnnxValue): number[] {
  const [batch, height, width, channels] = shape;
  return isMap ? [batch!, channels!, height!, width!] : [...shape];
}

/** The axis from 0 on; ONNX counts negative ones from the end. */
export function axisFrom(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The axis of a value's tensor that ONNX calls `axis`. */
export function axisOf(value: OnnxValue, axis: number): number {
  const from = axisFrom(axis, value.tensor.rank);
  return value.isMap ? mapAxes[from] ?? NaN : from;
}

/** Where a map has the axes of [B, C, H, W]. */
export const mapAxes: readonly number[] = [0, 3, 1, 2];

/** Something for each axis in ONNX's order, in the order of the value's tensor. */
export function alongAxes<T>({ isMap }: OnnxValue, each: readonly T[]): T[] {
  if (!isMap) return [...each];
  const [batch, channels, height, width] = each;
  return [batch!, height!, width!, channels!];
}

/** A map, or what is spread over one: of up to four axes, the last of which are rows and columns. */
export function besideMap({ tensor, isMap }: OnnxValue): Tensor {
  if (isMap) return tensor;
  if (tensor.size === 1) return tf.reshape(tensor, []);
  const ones = Array.from({ length: 4 - tensor.rank }, () => 1);
  return tf.transpose(tf.reshape(tensor, [...ones, ...tensor.shape]), [0, 2, 3, 1]);
}
