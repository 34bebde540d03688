import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Operation, OperationCall } from "../operation_call.ts";
import {
  alongAxes,
  asMap,
  axisFrom,
  axisOf,
  map,
  mapAxes,
  type OnnxValue,
  own,
  plain,
  shapeOf,
} from "../onnx_value.ts";

/** What only moves numbers, cuts, joins and repeats them, and what computes with shapes. */
export const shapes: Readonly<Record<string, Operation>> = {
  Shape: (call) => {
    const shape = shapeOf(call.value(0));
    const end = call.node.attributes.get("end")?.integer;
    return own(tf.tensor1d(shape.slice(call.integer("start", 0), end), "int32"));
  },
  ConstantOfShape: (call) => {
    const shape = call.numbers(0);
    refuseHuge(call, shape);
    const value = call.node.attributes.get("value")?.tensor;
    const dtype = value?.dtype ?? "float32";
    return own(tf.cast(tf.fill(shape, value?.read()[0] ?? 0, "float32"), dtype));
  },
  Range: (call) => {
    const [start = 0, limit = 0, step = 1] = [0, 1, 2].flatMap((index) => call.numbers(index));
    refuseHuge(call, [Math.abs((limit - start) / step)]);
    return own(tf.range(start, limit, step, call.value(0).tensor.dtype as "float32" | "int32"));
  },
  Concat: (call) => {
    const values = call.inputs.map((_, index) => call.value(index));
    const axis = call.integer("axis", 1);
    const [first] = values;
    if (!values.some(({ isMap }) => isMap)) {
      return own(tf.concat(values.map(plain), axisFrom(axis, first!.tensor.rank)));
    }
    return map(tf.concat(values.map(asMap), mapAxes.at(axis)));
  },
  Flatten: (call) => {
    const x = call.plain(0);
    const axis = axisFrom(call.integer("axis", 1), x.rank);
    const rows = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    return own(tf.reshape(x, [rows, -1]));
  },
  Reshape: (call) => {
    const x = call.plain(0);
    const keeps = !call.flag("allowzero");
    const wanted = call.numbers(1).map((size, axis) => size === 0 && keeps ? x.shape[axis]! : size);
    return own(tf.reshape(x, wanted));
  },
  Squeeze: (call) => {
    const x = call.plain(0);
    const axes = call.listed("axes", 1)?.map((axis) => axisFrom(axis, x.rank));
    return own(tf.squeeze(x, axes));
  },
  Unsqueeze: (call) => {
    const x = call.plain(0);
    const said = call.listed("axes", 1) ?? [];
    const rank = x.rank + said.length;
    const added = new Set(said.map((axis) => axisFrom(axis, rank)));
    const rest = [...x.shape];
    const shape = Array.from({ length: rank }, (_, axis) => added.has(axis) ? 1 : rest.shift()!);
    return own(tf.reshape(x, shape));
  },
  Transpose: (call) => {
    const value = call.value(0);
    const { tensor, isMap } = value;
    const order = call.integers("perm") ?? tensor.shape.map((_, axis) => tensor.rank - 1 - axis);
    // Maps rest as they lie: only what they are taken for changes.
    if (!isMap && `${order}` === "0,3,1,2") return map(tensor);
    if (isMap && `${order}` === "0,2,3,1") return own(tensor);
    return own(tf.transpose(tensor, order.map((axis) => axisOf(value, axis))));
  },
  Slice: slice,
  Split: (call) => {
    const value = call.value(0);
    const axis = call.integer("axis", 0);
    const size = shapeOf(value).at(axis) ?? 0;
    const count = call.node.outputs.length;
    const each = Math.ceil(size / call.integer("num_outputs", count));
    const sizes = call.listed("split", 1) ??
      Array.from({ length: count }, (_, index) => Math.min(each, size - index * each));
    const { isMap } = value;
    return tf.split(value.tensor, [...sizes], axisOf(value, axis)).map((tensor) => ({
      tensor,
      isMap,
    }));
  },
  Gather: (call) => {
    const x = call.plain(0);
    const axis = axisFrom(call.integer("axis", 0), x.rank);
    const { shape } = call.value(1).tensor;
    const indices = call.numbers(1).map((index) => axisFrom(index, x.shape[axis] ?? 0));
    const gathered = tf.gather(x, tf.tensor1d(indices, "int32"), axis);
    return own(
      tf.reshape(gathered, [...x.shape.slice(0, axis), ...shape, ...x.shape.slice(axis + 1)]),
    );
  },
  Expand: (call) => {
    const x = call.plain(0);
    const shape = tf.backend_util.assertAndGetBroadcastShape(x.shape, call.numbers(1));
    refuseHuge(call, shape);
    const padded = tf.reshape(x, [...shape.slice(x.rank).map(() => 1), ...x.shape]);
    return own(tf.broadcastTo(padded, shape as [number]));
  },
  Tile: (call) => {
    const x = call.plain(0);
    const times = call.numbers(1);
    refuseHuge(call, x.shape.map((size, axis) => size * (times[axis] ?? 1)));
    return own(tf.tile(x, times));
  },
  Pad: pad,
};

/** Operations whose results are known by the shapes of their inputs. */
export const byShape: ReadonlySet<string> = new Set(["Shape"]);

/** Numbers that a constant may grow to; the largest networks keep fewer in one. */
const MOST_NUMBERS = 2 ** 28;

/** A few bytes of a file can ask for any number of numbers. */
function refuseHuge(call: OperationCall, shape: readonly number[]): void {
  const count = shape.reduce((a, b) => a * b, 1);
  if (count <= MOST_NUMBERS) return;
  throw call.unsupported(`a tensor of ${count} numbers`);
}

function slice(call: OperationCall): OnnxValue {
  const value = call.value(0);
  const { tensor, isMap } = value;
  const starts = call.listed("starts", 1) ?? [];
  const ends = call.listed("ends", 2) ?? [];
  const axes = call.listed("axes", 3) ?? starts.map((_, axis) => axis);
  const steps = call.has(4) ? call.numbers(4) : starts.map(() => 1);
  const begin = tensor.shape.map(() => 0);
  const size = [...tensor.shape];
  const stride = tensor.shape.map(() => 1);
  let x = tensor;
  for (const [index, said] of axes.entries()) {
    const axis = axisOf(value, said);
    const length = tensor.shape[axis]!;
    const step = steps[index]!;
    // Downwards: the same upwards, of the axis turned round.
    if (step < 0) x = tf.reverse(x, axis);
    const from = (at: number) => at < 0 ? at + length : at;
    const turned = (at: number) => step < 0 ? length - 1 - from(at) : from(at);
    const clamp = (at: number) => Math.max(0, Math.min(length, at));
    const first = clamp(turned(starts[index]!));
    begin[axis] = first;
    size[axis] = Math.max(0, clamp(turned(ends[index]!)) - first);
    stride[axis] = Math.abs(step);
  }
  if (stride.every((step) => step === 1)) return { tensor: tf.slice(x, begin, size), isMap };
  const end = begin.map((at, axis) => at + size[axis]!);
  return { tensor: tf.stridedSlice(x, begin, end, stride), isMap };
}

function pad(call: OperationCall): OnnxValue {
  const value = call.value(0);
  const rank = value.tensor.rank;
  const said = call.listed("pads", 1) ?? [];
  const axes = call.has(3) ? call.numbers(3) : Array.from({ length: rank }, (_, axis) => axis);
  const around = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  for (const [index, axis] of axes.entries()) {
    around[axisFrom(axis, rank)] = [said[index] ?? 0, said[index + axes.length] ?? 0];
  }
  if (around.flat().some((each) => each < 0)) throw call.unsupported("Pad by a negative number");
  const sizes = shapeOf(value).map((size, axis) => size + around[axis]![0] + around[axis]![1]);
  refuseHuge(call, sizes);
  const paddings = alongAxes(value, around);
  const { isMap } = value;
  switch (call.text("mode", "constant")) {
    case "constant": {
      const filling = call.has(2) ? call.numbers(2)[0] : call.float("value", 0);
      return { tensor: tf.pad(value.tensor, paddings, filling ?? 0), isMap };
    }
    case "reflect":
      return { tensor: tf.mirrorPad(value.tensor, paddings, "reflect"), isMap };
    case "edge":
      return { tensor: padEdge(value.tensor, paddings), isMap };
    default:
      throw call.unsupported(`Pad by "${call.text("mode", "constant")}"`);
  }
}

/** Repeats the edge, one row at a time: to the breadth of one that is what a mirror shows. */
function padEdge(x: Tensor, paddings: readonly (readonly [number, number])[]): Tensor {
  let left = paddings;
  let padded = x;
  while (left.flat().some((each) => each > 0)) {
    const next = left.map((pair) => pair.map((each) => Math.min(1, each)) as [number, number]);
    padded = tf.mirrorPad(padded, next, "symmetric");
    left = left.map(([before, after], axis) => [before - next[axis]![0], after - next[axis]![1]]);
  }
  return padded;
}
