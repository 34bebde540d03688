import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { TinctError } from "../../errors.ts";
import type { OnnxAttribute, OnnxNode } from "./onnx_model.ts";
import { asMap, type OnnxValue, plain } from "./onnx_value.ts";

/** What an operation is computed from. */
interface Call {
  readonly node: OnnxNode;
  readonly inputs: readonly OnnxValue[];
}

type Operation = (call: Call) => OnnxValue;

/**
 * The operations of ONNX (https://onnx.ai/onnx/operators) that Inception networks are made of, each
 * by TensorFlow operations that trace.
 */
const operations: Readonly<Record<string, Operation>> = {
  Conv: (call) => map(convolve(call)),
  BatchNormalization: ({ node, inputs }) => {
    const [x, scale, shift, mean, variance] = inputs;
    const epsilon = node.attributes.get("epsilon")?.float ?? 1e-5;
    const factor = tf.div(of(scale), tf.sqrt(tf.add(of(variance), epsilon)));
    const offset = tf.sub(of(shift), tf.mul(of(mean), factor));
    return map(tf.add(tf.mul(asMap(need(x)), factor), offset));
  },
  Relu: unary((x) => tf.relu(x)),
  Sigmoid: unary((x) => tf.sigmoid(x)),
  Identity: unary((x) => x),
  Dropout: unary((x) => x), // in evaluation
  MaxPool: (call) => {
    const window = windowOf(call);
    // Not infinity: it would turn to NaN where a device multiplies by it.
    const padded = pad(asMap(need(call.inputs[0])), window.pads, -3.4e38);
    return map(tf.maxPool(padded, window.kernel, window.strides, "valid"));
  },
  AveragePool: (call) => {
    const { kernel, strides, pads } = windowOf(call);
    const x = asMap(need(call.inputs[0]));
    const mean = (maps: Tensor) => tf.avgPool(pad(maps, pads, 0), kernel, strides, "valid");
    const counted = (call.node.attributes.get("count_include_pad")?.integer ?? 0) === 1;
    return map(
      counted || pads.every((each) => each === 0) ? mean(x) : tf.div(mean(x), mean(tf.onesLike(x))),
    );
  },
  GlobalAveragePool: ({ inputs }) => map(tf.mean(asMap(need(inputs[0])), [1, 2], true)),
  Concat: ({ node, inputs }) => {
    const axis = node.attributes.get("axis")?.integer ?? 1;
    if (!inputs.every(({ isMap }) => isMap)) return own(tf.concat(inputs.map(plain), axis));
    return map(tf.concat(inputs.map(({ tensor }) => tensor), mapAxis(axis)));
  },
  ReduceMean: ({ node, inputs }) => {
    const [x] = inputs;
    const axes = node.attributes.get("axes")?.integers ?? of(inputs[1]).dataSync();
    const keeps = (node.attributes.get("keepdims")?.integer ?? 1) === 1;
    return own(tf.mean(plain(need(x)), [...axes], keeps));
  },
  Flatten: ({ node, inputs }) => {
    const x = plain(need(inputs[0]));
    const axis = node.attributes.get("axis")?.integer ?? 1;
    const rows = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    return own(tf.reshape(x, [rows, -1]));
  },
  Reshape: ({ inputs }) => {
    const x = plain(need(inputs[0]));
    const wanted = [...of(inputs[1]).dataSync()];
    return own(tf.reshape(x, wanted.map((size, axis) => size === 0 ? x.shape[axis]! : size)));
  },
  Squeeze: ({ node, inputs }) => {
    const axes = node.attributes.get("axes")?.integers ??
      (inputs[1] === undefined ? undefined : [...of(inputs[1]).dataSync()]);
    return own(tf.squeeze(plain(need(inputs[0])), axes && [...axes]));
  },
  Transpose: ({ node, inputs }) => {
    const x = need(inputs[0]);
    const order = node.attributes.get("perm")?.integers ?? [];
    // Maps rest as they lie: only what they are taken for changes.
    if (!x.isMap && `${order}` === "0,3,1,2") return map(x.tensor);
    if (x.isMap && `${order}` === "0,2,3,1") return own(x.tensor);
    return own(tf.transpose(plain(x), [...order]));
  },
  Gemm: ({ node, inputs }) => {
    const { attributes } = node;
    const flag = (name: string) => (attributes.get(name)?.integer ?? 0) === 1;
    const factor = (name: string) => attributes.get(name)?.float ?? 1;
    const [a, b, c] = inputs;
    const product = tf.matMul(plain(need(a)), of(b), flag("transA"), flag("transB"));
    const scaled = tf.mul(product, factor("alpha"));
    return own(c === undefined ? scaled : tf.add(scaled, tf.mul(plain(c), factor("beta"))));
  },
  MatMul: ({ inputs }) => own(tf.matMul(plain(need(inputs[0])), plain(need(inputs[1])))),
  Add: binary((a, b) => tf.add(a, b)),
  Sub: binary((a, b) => tf.sub(a, b)),
  Mul: binary((a, b) => tf.mul(a, b)),
  Div: binary((a, b) => tf.div(a, b)),
};

/**
 * Computes a node, by operations that trace.
 *
 * @throws TinctError `unimplemented` for what Inception networks are not made of.
 */
export function compute(node: OnnxNode, inputs: readonly OnnxValue[]): OnnxValue {
  const operation = operations[node.operation];
  if (operation !== undefined) return operation({ node, inputs });
  throw unimplemented(`the ONNX operation ${node.operation}`);
}

function map(tensor: Tensor): OnnxValue {
  return { tensor, isMap: true };
}

function own(tensor: Tensor): OnnxValue {
  return { tensor, isMap: false };
}

function need(value: OnnxValue | undefined): OnnxValue {
  if (value === undefined) throw unimplemented("an operation without its inputs");
  return value;
}

function of(value: OnnxValue | undefined): Tensor {
  return plain(need(value));
}

function mapAxis(axis: number): number {
  return [0, 3, 1, 2].at(axis) ?? NaN;
}

function unary(compute: (x: Tensor) => Tensor): Operation {
  return ({ inputs }) => {
    const { tensor, isMap } = need(inputs[0]);
    return { tensor: compute(tensor), isMap };
  };
}

function binary(compute: (a: Tensor, b: Tensor) => Tensor): Operation {
  return ({ inputs }) => {
    const [a, b] = [need(inputs[0]), need(inputs[1])];
    if (!a.isMap && !b.isMap) return own(compute(a.tensor, b.tensor));
    return map(compute(besideMap(a), besideMap(b)));
  };
}

/** A map, or what is spread over one: a number, or one a channel as [C, 1, 1] or [1, C, 1, 1]. */
function besideMap(value: OnnxValue): Tensor {
  const { tensor, isMap } = value;
  if (isMap || tensor.size === 1) return isMap ? tensor : tf.reshape(tensor, []);
  if (tensor.rank === 3) return tf.transpose(tensor, [1, 2, 0]);
  if (tensor.rank === 4) return asMap(value);
  throw unimplemented(`a tensor of the shape [${tensor.shape}] beside maps`);
}

function convolve(call: Call): Tensor {
  const { node, inputs: [x, weight, bias] } = call;
  const kernel = of(weight); // [out, in / groups, kh, kw]
  const groups = node.attributes.get("group")?.integer ?? 1;
  if (groups !== 1) throw unimplemented(`a convolution of ${groups} groups`);
  const { strides, pads } = windowOf(call, kernel.shape.slice(2));
  const filter = tf.transpose(kernel, [2, 3, 1, 0]) as Tensor4D;
  const made = tf.conv2d(pad(asMap(need(x)), pads, 0), filter, strides, "valid");
  return bias === undefined ? made : tf.add(made, of(bias));
}

/** Rows before and after, columns before and after. */
type Pads = readonly [top: number, bottom: number, left: number, right: number];

interface Window {
  readonly kernel: [number, number];
  readonly strides: [number, number];
  readonly pads: Pads;
}

function windowOf({ node, inputs }: Call, kernelShape?: readonly number[]): Window {
  const { attributes } = node;
  const pair = (attribute: OnnxAttribute | undefined, other: readonly number[]) => {
    const [first = 1, second = first] = attribute?.integers ?? other;
    return [first, second] as [number, number];
  };
  const kernel = pair(attributes.get("kernel_shape"), kernelShape ?? []);
  const strides = pair(attributes.get("strides"), [1, 1]);
  if (pair(attributes.get("dilations"), [1, 1]).some((each) => each !== 1)) {
    throw unimplemented("dilated windows");
  }
  if ((attributes.get("ceil_mode")?.integer ?? 0) === 1) throw unimplemented("ceil_mode");
  const [, height = 0, width = 0] = asMap(need(inputs[0])).shape;
  const auto = attributes.get("auto_pad")?.text ?? "NOTSET";
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const around = (side: number, axis: 0 | 1): [number, number] => {
      const total = Math.max(
        0,
        (Math.ceil(side / strides[axis]) - 1) * strides[axis] + kernel[axis] - side,
      );
      const less = Math.floor(total / 2);
      return auto === "SAME_UPPER" ? [less, total - less] : [total - less, less];
    };
    return { kernel, strides, pads: [...around(height, 0), ...around(width, 1)] };
  }
  const [top = 0, left = 0, bottom = 0, right = 0] = attributes.get("pads")?.integers ?? [];
  return { kernel, strides, pads: [top, bottom, left, right] };
}

function pad(x: Tensor, [top, bottom, left, right]: Pads, value: number): Tensor4D {
  if (top + bottom + left + right === 0) return x as Tensor4D;
  return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value) as Tensor4D;
}

function unimplemented(what: string): TinctError {
  return new TinctError(
    "unimplemented",
    `The network needs ${what}, which Tinct does not support: export its feature layers alone, or give ` +
      "it as a SavedModel.",
  );
}
