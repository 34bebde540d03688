import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import { addBias } from "../../engine/kernels/bias.ts";
import type { Operation, OperationCall } from "../operation_call.ts";
import { asMap, map, type OnnxValue, own, plain } from "../onnx_value.ts";
import { padMap, spread, type Window, windowOf } from "./windows.ts";

/** Convolutions, with groups, dilations, and of rows alone (rank 3). */
export const convolutions: Readonly<Record<string, Operation>> = {
  Conv: (call) => {
    const bias = call.has(2) ? call.plain(2) : undefined;
    return convolve(call, call.value(0), call.value(1), bias);
  },
  ConvInteger: (call) => {
    // Whole numbers below 2²⁴ are exact as floats, and products of bytes are small.
    const shifted = (index: 0 | 1): OnnxValue => {
      const value = call.value(index);
      const numbers = tf.cast(value.tensor, "float32");
      if (!call.has(index + 2)) return { ...value, tensor: numbers };
      const zero = tf.cast(call.plain(index + 2), "float32");
      return {
        ...value,
        tensor: tf.sub(numbers, tf.reshape(zero, zero.size === 1 ? [] : [-1, 1, 1, 1])),
      };
    };
    return convolve(call, shifted(0), shifted(1), undefined);
  },
  ConvTranspose: (call) => {
    const kernel = call.plain(1); // [in, out / groups, kh, kw]
    if (kernel.rank !== 4) {
      throw call.unsupported(`a transposed convolution of rank ${kernel.rank}`);
    }
    const groups = call.integer("group", 1);
    const x = asMap(call.value(0));
    const [batch, height, width] = x.shape;
    const window = windowOf(call, x.shape, kernel.shape.slice(2));
    const { kernel: [kh, kw], strides: [sh, sw], pads: [top, bottom, left, right] } = window;
    if (window.dilations.some((each) => each !== 1)) {
      throw call.unsupported("a dilated transposed convolution");
    }
    if (call.integers("output_shape") || call.text("auto_pad", "NOTSET") !== "NOTSET") {
      throw call.unsupported("a transposed convolution that is padded by its output's shape");
    }
    const [moreRows = 0, moreColumns = 0] = call.integers("output_padding") ?? [];
    const rows = (height - 1) * sh + kh + moreRows;
    const columns = (width - 1) * sw + kw + moreColumns;
    const filter = call.once(
      [call.value(1)],
      () => tf.transpose(kernel, [2, 3, 1, 0]), // [kh, kw, out / groups, in]
    ) as Tensor4D;
    const channels = filter.shape[2];
    const parts = partsOf(x, groups);
    const filters = partsOf(filter, groups);
    const made = parts.map((part, index) =>
      tf.conv2dTranspose(part, filters[index]!, [batch, rows, columns, channels], [sh, sw], "valid")
    );
    const whole = groups === 1 ? made[0]! : tf.concat(made, 3);
    const cut = top + bottom + left + right === 0 ? whole : tf.slice(
      whole,
      [0, top, left, 0],
      [batch, rows - top - bottom, columns - left - right, channels * groups],
    );
    return map(call.has(2) ? addBias(cut, call.plain(2)) : cut);
  },
};

/** @param weight [out, in / groups, kh, kw], or [out, in / groups, k] of rows. */
function convolve(
  call: OperationCall,
  x: OnnxValue,
  weight: OnnxValue,
  bias: Tensor | undefined,
): OnnxValue {
  const rank = weight.tensor.rank;
  if (rank !== 3 && rank !== 4) throw call.unsupported(`a convolution of rank ${rank}`);
  const isRow = rank === 3;
  const groups = call.integer("group", 1);
  const maps = isRow ? rowAsMap(plain(x) as Tensor3D) : asMap(x);
  const [size0 = 0, size1 = 0, ...sizes] = weight.isMap ? [] : weight.tensor.shape;
  const filter = call.once([weight], () => {
    const kernel = plain(weight);
    const four = isRow ? tf.reshape(kernel, [size0, size1, 1, ...sizes]) : kernel;
    return tf.transpose(four, [2, 3, 1, 0]); // [kh, kw, in / groups, out]
  }) as Tensor4D;
  const window = windowOf(call, maps.shape, filter.shape.slice(0, 2));
  const made = groups === 1
    ? one(maps, filter, window)
    : groups === maps.shape[3] && filter.shape[2] === 1
    ? depthwise(call, maps, { weight, filter }, window)
    : grouped(maps, filter, window, groups);
  const whole = bias === undefined ? made : addBias(made, bias);
  if (!isRow) return map(whole);
  const [batch, , columns, channels] = whole.shape as [number, number, number, number];
  return own(tf.transpose(tf.reshape(whole, [batch, columns, channels]), [0, 2, 1]));
}

/** Each part of the channels by itself. */
function grouped(x: Tensor4D, filter: Tensor4D, window: Window, groups: number): Tensor {
  const parts = partsOf(x, groups);
  return tf.concat(
    partsOf(filter, groups).map((part, index) => one(parts[index]!, part, window)),
    3,
  );
}

/** A map or a kernel, parted along its last axis. */
function partsOf(x: Tensor4D, count: number): Tensor4D[] {
  if (count < 1) throw new RangeError(`There are no ${count} groups`);
  return count === 1 ? [x] : tf.split(x as Tensor, count, 3) as Tensor4D[];
}

/** [B, C, W] as a map of one row. */
function rowAsMap(x: Tensor3D): Tensor4D {
  const [batch, channels, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1]), [batch, 1, width, channels]);
}

function one(x: Tensor4D, filter: Tensor4D, { strides, dilations, pads }: Window): Tensor4D {
  const padding = paddingOf(pads);
  const isDilated = dilations.some((each) => each !== 1);
  if (!isDilated || strides.every((each) => each === 1)) {
    return tf.conv2d(x, filter, strides, padding, "NHWC", dilations);
  }
  // TensorFlow has the one or the other: what a stride passes over is left out afterwards.
  const dense = tf.conv2d(x, filter, 1, padding, "NHWC", dilations);
  return tf.stridedSlice(dense, [0, 0, 0, 0], dense.shape, [1, ...strides, 1]) as Tensor4D;
}

/** Each channel by itself; a dilated kernel is spread out by zeros. */
function depthwise(
  call: OperationCall,
  x: Tensor4D,
  { weight, filter }: { readonly weight: OnnxValue; readonly filter: Tensor4D },
  { strides, dilations, pads }: Window,
): Tensor4D {
  const channels = x.shape[3];
  const each = call.once([weight], () => {
    const [kh, kw, , out] = filter.shape;
    return spread(tf.reshape(filter, [kh, kw, channels, out / channels]), dilations);
  }) as Tensor4D;
  // Never padding in numbers: Grappler fuses a bias into such a one, forgets the numbers, and aborts
  // the process (TensorFlow 2.21).
  const [kh, kw] = each.shape;
  const [first, second] = strides;
  if (
    first === 1 && second === 1 && `${pads}` === `${[kh - 1, kh - 1, kw - 1, kw - 1].map(half)}`
  ) {
    return tf.depthwiseConv2d(x, each, 1, "same");
  }
  const padded = padMap(x, pads, 0);
  if (first === second) return tf.depthwiseConv2d(padded, each, strides, "valid");
  const dense = tf.depthwiseConv2d(padded, each, 1, "valid");
  return tf.stridedSlice(dense, [0, 0, 0, 0], dense.shape, [1, ...strides, 1]) as Tensor4D;
}

function half(size: number): number {
  return size / 2;
}

function paddingOf([top, bottom, left, right]: Window["pads"]) {
  if (top + bottom + left + right === 0) return "valid" as const;
  const none: [number, number] = [0, 0];
  return [none, [top, bottom], [left, right], none] as [
    [number, number],
    [number, number],
    [number, number],
    [number, number],
  ];
}
