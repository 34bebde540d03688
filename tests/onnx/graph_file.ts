import {
  bytesField,
  type Field,
  message,
  messageField,
  stringField,
  varintField,
} from "../../src/tensorflow/protobuf.ts";

/** A node: its operation, inputs, outputs and integer attributes. */
export interface TestNode {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly integers?: Readonly<Record<string, number>>;
}

/** A float32 initializer, as it is declared. */
export interface TestTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Left out: it has none. */
  readonly values?: readonly number[];
  /** Keys and values of external data, in place of values. */
  readonly external?: Readonly<Record<string, string>>;
  /** Of `TensorProto.DataType`; default FLOAT. */
  readonly type?: number;
}

/** The bytes of an ONNX file of opset 17, whose inputs are [1, 2] where no shape is given. */
export function graphFile(
  { nodes = [], tensors = [], inputs = ["x"], outputs = ["y"], shapes = {} }: {
    readonly nodes?: readonly TestNode[];
    readonly shapes?: Readonly<Record<string, readonly number[]>>;
    readonly tensors?: readonly TestTensor[];
    readonly inputs?: readonly string[];
    readonly outputs?: readonly string[];
  },
): Uint8Array {
  const graph = messageField(
    7,
    ...nodes.map((node) => messageField(1, ...nodeFields(node))),
    ...tensors.map((tensor) => messageField(5, ...tensorFields(tensor))),
    ...inputs.map((name) =>
      messageField(11, stringField(1, name), shapeField(shapes[name] ?? [1, 2]))
    ),
    ...outputs.map((name) => messageField(12, stringField(1, name))),
  );
  const opset = messageField(8, stringField(1, ""), varintField(2, 17));
  return message(varintField(1, 8), graph, opset);
}

function nodeFields(
  { operation, inputs, outputs, name, domain, integers = {} }: TestNode,
): Field[] {
  return [
    ...inputs.map((each) => stringField(1, each)),
    ...outputs.map((each) => stringField(2, each)),
    ...(name === undefined ? [] : [stringField(3, name)]),
    stringField(4, operation),
    ...Object.entries(integers).map(([key, value]) =>
      messageField(5, stringField(1, key), varintField(3, value), varintField(20, 2))
    ),
    ...(domain === undefined ? [] : [stringField(7, domain)]),
  ];
}

function tensorFields({ name, shape, values, external, type = 1 }: TestTensor): Field[] {
  return [
    ...shape.map((size) => varintField(1, size)),
    varintField(2, type),
    stringField(8, name),
    ...(values === undefined
      ? []
      : [bytesField(9, new Uint8Array(Float32Array.from(values).buffer))]),
    ...Object.entries(external ?? {}).map(([key, value]) =>
      messageField(13, stringField(1, key), stringField(2, value))
    ),
    ...(external === undefined ? [] : [varintField(14, 1)]),
  ];
}

/** Of a `ValueInfoProto`: a tensor of float32; a size of -1 is any. */
function shapeField(shape: readonly number[]): Field {
  const sizes = shape.map((size) =>
    messageField(1, size < 0 ? stringField(2, "any") : varintField(1, size))
  );
  return messageField(2, messageField(1, varintField(1, 1), messageField(2, ...sizes)));
}
