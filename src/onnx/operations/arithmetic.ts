import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Operation, OperationCall } from "../operation_call.ts";
import { formats } from "../onnx_tensor.ts";
import { besideMap, map, type OnnxValue, own, plain } from "../onnx_value.ts";

/** What is computed number by number, and products of matrices. */
export const arithmetic: Readonly<Record<string, Operation>> = {
  Add: binary((a, b) => tf.add(a, b)),
  Sub: binary((a, b) => tf.sub(a, b)),
  Mul: binary((a, b) => tf.mul(a, b)),
  Div: binary((a, b) => tf.div(a, b)),
  Pow: binary((a, b) => tf.pow(a, b)),
  Relu: unary((x) => tf.relu(x)),
  LeakyRelu: unary((x, call) => tf.leakyRelu(x, call.float("alpha", 0.01))),
  Sigmoid: unary((x) => tf.sigmoid(x)),
  Tanh: unary((x) => tf.tanh(x)),
  Sqrt: unary((x) => tf.sqrt(x)),
  Erf: unary((x) => tf.erf(x)),
  Sin: unary((x) => tf.sin(x)),
  Cos: unary((x) => tf.cos(x)),
  Floor: unary((x) => tf.floor(x)),
  Not: unary((x) => tf.logicalNot(x)),
  Gelu: unary((x, call) => {
    const inner = call.text("approximate", "none") === "tanh"
      ? tf.tanh(tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI)))
      : tf.erf(tf.mul(x, Math.SQRT1_2));
    return tf.mul(tf.mul(x, 0.5), tf.add(inner, 1));
  }),
  Identity: unary((x) => x),
  Dropout: unary((x) => x), // in evaluation
  Cast: unary((x, call) => {
    const dtype = formats[call.integer("to", 1)]?.dtype;
    if (dtype === undefined) {
      throw call.unsupported(`a cast to the ONNX type ${call.integer("to", 1)}`);
    }
    return x.dtype === dtype ? x : tf.cast(x, dtype);
  }),
  CastLike: (call) => {
    const { tensor, isMap } = call.value(0);
    return { tensor: tf.cast(tensor, call.value(1).tensor.dtype), isMap };
  },
  Gemm: (call) => {
    const product = tf.matMul(
      call.plain(0),
      call.plain(1),
      call.flag("transA"),
      call.flag("transB"),
    );
    const scaled = times(product, call.float("alpha", 1));
    return own(call.has(2) ? tf.add(scaled, times(call.plain(2), call.float("beta", 1))) : scaled);
  },
  MatMul: (call) => own(multiply(call.plain(0), call.plain(1))),
  Einsum: einsum,
  DynamicQuantizeLinear: (call) => {
    const { tensor, isMap } = call.value(0);
    const least = tf.minimum(tf.min(tensor), 0);
    const scale = tf.div(tf.sub(tf.maximum(tf.max(tensor), 0), least), 255);
    const safe = tf.add(scale, tf.cast(tf.equal(scale, 0), "float32")); // of zeros alone
    const zero = tf.clipByValue(tf.round(tf.sub(0, tf.div(least, safe))), 0, 255);
    const bytes = tf.clipByValue(tf.add(tf.round(tf.div(tensor, safe)), zero), 0, 255);
    return [{ tensor: bytes, isMap }, own(scale), own(zero)];
  },
  MatMulInteger: (call) => {
    // Whole numbers below 2²⁴ are exact as floats, and products of bytes are small.
    const shifted = (index: 0 | 1) => {
      const numbers = tf.cast(call.plain(index), "float32");
      if (!call.has(index + 2)) return numbers;
      const zero = tf.cast(call.plain(index + 2), "float32");
      // Of rows of the first, of columns of the second.
      return tf.sub(numbers, index === 0 && zero.size > 1 ? tf.expandDims(zero, -1) : zero);
    };
    return own(multiply(shifted(0), shifted(1)));
  },
};

function unary(compute: (x: Tensor, call: OperationCall) => Tensor): Operation {
  return (call) => {
    const { tensor, isMap } = call.value(0);
    return { tensor: compute(tensor, call), isMap };
  };
}

function binary(compute: (a: Tensor, b: Tensor) => Tensor): Operation {
  return (call) => {
    const [a, b] = [call.value(0), call.value(1)];
    if (!a.isMap && !b.isMap) return own(compute(a.tensor, b.tensor));
    if (a.tensor.rank > 4 || b.tensor.rank > 4) return own(compute(plain(a), plain(b)));
    const beside = (value: OnnxValue) =>
      value.isMap ? value.tensor : call.once([value], () => besideMap(value));
    return map(compute(beside(a), beside(b)));
  };
}

function times(x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : tf.mul(x, factor);
}

/** As NumPy's matmul: vectors are rows on the left and columns on the right. */
function multiply(a: Tensor, b: Tensor): Tensor {
  const left = a.rank === 1 ? tf.expandDims(a, 0) : a;
  const right = b.rank === 1 ? tf.expandDims(b, 1) : b;
  const rows = left.shape.slice(0, -1);
  // One matrix for all of a batch: all rows at once.
  let made = right.rank === 2 && left.rank > 2
    ? tf.reshape(
      tf.matMul(tf.reshape(left, [-1, left.shape.at(-1)!]), right),
      [...rows, right.shape[1]!],
    )
    : tf.matMul(left, right);
  if (a.rank === 1) made = tf.squeeze(made, [made.rank - 2]);
  if (b.rank === 1) made = tf.squeeze(made, [made.rank - 1]);
  return made;
}

/** Letters of a map's axes change places with them, so that maps rest as they lie. */
function einsum(call: OperationCall): OnnxValue {
  const equation = call.text("equation", "").replaceAll(" ", "");
  const [left = "", right] = equation.split("->");
  const terms = left.split(",");
  if (right === undefined || equation.includes(".") || terms.length !== call.inputs.length) {
    throw call.unsupported(`Einsum of "${equation}"`);
  }
  const values = terms.map((_, index) => call.value(index));
  const turned = ([batch = "", channels = "", height = "", width = ""]: string) =>
    `${batch}${height}${width}${channels}`;
  const givesMap = right.length === 4 && values.some(({ isMap }) => isMap);
  const given = values.map(({ isMap }, index) => isMap ? turned(terms[index]!) : terms[index]!);
  const made = tf.einsum(
    `${given.join(",")}->${givesMap ? turned(right) : right}`,
    ...values.map(({ tensor }) => tensor),
  );
  return givesMap ? map(made) : own(made);
}
