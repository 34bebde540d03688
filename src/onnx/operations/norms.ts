import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Operation, OperationCall } from "../operation_call.ts";
import { axisFrom, axisOf, type OnnxValue, own, plain, shapeOf } from "../onnx_value.ts";

/** Norms, softmax, and what is taken over axes. */
export const norms: Readonly<Record<string, Operation>> = {
  BatchNormalization: (call) => {
    if (call.flag("training_mode")) throw call.unsupported("batch norm in training");
    const { tensor, isMap } = call.value(0);
    const values = [1, 2, 3, 4].map((index) => call.value(index));
    const [scale, shift, mean, variance] = values.map(plain);
    // Channels are the second axis; of maps they lie last.
    const shape = isMap ? [-1] : [-1, ...Array.from({ length: tensor.rank - 2 }, () => 1)];
    const factor = call.once(
      values,
      () =>
        tf.reshape(tf.div(scale!, tf.sqrt(tf.add(variance!, call.float("epsilon", 1e-5)))), shape),
    );
    const offset = call.once(
      values,
      () => tf.sub(tf.reshape(shift!, shape), tf.mul(tf.reshape(mean!, shape), factor)),
    );
    return { tensor: tf.add(tf.mul(tensor, factor), offset), isMap };
  },
  LayerNormalization: (call) => {
    if (call.node.outputs.slice(1).some((name) => name !== "")) {
      throw call.unsupported("a layer norm that gives its mean");
    }
    const x = call.plain(0);
    const first = axisFrom(call.integer("axis", -1), x.rank);
    const axes = Array.from({ length: x.rank - first }, (_, index) => first + index);
    const centred = tf.sub(x, tf.mean(x, axes, true));
    const variance = tf.mean(tf.square(centred), axes, true);
    const normed = tf.mul(
      tf.mul(centred, tf.rsqrt(tf.add(variance, call.float("epsilon", 1e-5)))),
      call.plain(1),
    );
    return own(call.has(2) ? tf.add(normed, call.plain(2)) : normed);
  },
  Softmax: (call) => {
    const value = call.value(0);
    if (call.opset >= 13) return softmax(value, axisOf(value, call.integer("axis", -1)));
    // Before, all axes from this one on were one.
    const shape = shapeOf(value);
    const axis = axisFrom(call.integer("axis", 1), shape.length);
    if (shape.slice(axis + 1).every((size) => size === 1)) {
      return softmax(value, axisOf(value, axis));
    }
    const x = plain(value);
    const rows = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    return own(tf.reshape(tf.softmax(tf.reshape(x, [rows, -1])), shape));
  },
  ReduceMean: (call) => reduce(call, (x, axes, keeps) => tf.mean(x, axes, keeps)),
  ReduceL2: (call) => reduce(call, (x, axes, keeps) => tf.sqrt(tf.sum(tf.square(x), axes, keeps))),
  CumSum: (call) => {
    const x = call.plain(0);
    const axis = axisFrom(call.numbers(1)[0] ?? 0, x.rank);
    return own(tf.cumsum(x, axis, call.flag("exclusive"), call.flag("reverse")));
  },
};

/** Over one axis of the tensor, which TensorFlow wants last. */
function softmax({ tensor, isMap }: OnnxValue, axis: number): OnnxValue {
  const last = tensor.rank - 1;
  if (axis === last) return { tensor: tf.softmax(tensor), isMap };
  const order = tensor.shape.map((_, index) => index);
  [order[axis], order[last]] = [last, axis];
  return { tensor: tf.transpose(tf.softmax(tf.transpose(tensor, order)), order), isMap };
}

/** Over the axes of an attribute or, in newer versions, an input. */
function reduce(
  call: OperationCall,
  compute: (x: Tensor, axes: number[] | undefined, keeps: boolean) => Tensor,
): OnnxValue {
  const value = call.value(0);
  const said = call.listed("axes", 1) ?? [];
  const keeps = call.flag("keepdims", true);
  if (said.length === 0) {
    if (call.flag("noop_with_empty_axes")) return value;
    return own(compute(plain(value), undefined, keeps));
  }
  const axes = said.map((axis) => axisOf(value, axis));
  if (!value.isMap || keeps) {
    return { tensor: compute(value.tensor, axes, keeps), isMap: value.isMap };
  }
  // What is left of a map lies in ONNX's order where its rows and columns went.
  const isSpatial = said.length === 2 && axes.includes(1) && axes.includes(2);
  if (isSpatial) return own(compute(value.tensor, axes, false));
  return own(compute(plain(value), said.map((axis) => axisFrom(axis, 4)), false));
}
