import { TinctError } from "../../errors.ts";
import {
  readFields,
  readIntegers,
  readText,
  type WireField,
} from "../../tensorflow/protobuf_reader.ts";

/** A constant of an ONNX graph. */
interface OnnxTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** An attribute of a node, of any type. */
export interface OnnxAttribute {
  readonly float: number;
  readonly integer: number;
  readonly text: string;
  readonly integers: readonly number[];
  readonly tensor: OnnxTensor | undefined;
}

/** One operation. */
export interface OnnxNode {
  readonly operation: string;
  /** "" where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** What of a model's graph there is to compute; nodes come after those that they need. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** What is to be given: the inputs that are no constants, with their shapes; -1 for any size. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly outputs: readonly string[];
}

/**
 * Reads an ONNX file (onnx.proto, https://onnx.ai/onnx/repo-docs/IR.html).
 *
 * @param file its bytes; constants may share their memory.
 * @param path names it in errors.
 * @throws TinctError `data_loss` for a file that is none; `unimplemented` for constants that lie in
 *   another file or are of another type than float32, float64, int32 or int64.
 */
export function readOnnx(file: Uint8Array, path: string): OnnxGraph {
  const graph = readFields(file).findLast(({ number }) => number === 7);
  if (graph === undefined) {
    throw new TinctError("data_loss", `${path} is no ONNX model: it holds no graph.`);
  }
  const fields = readFields(graph.bytes);
  const each = (number: number) => fields.filter((field) => field.number === number);
  const constants = new Map(
    each(5).map(({ bytes }) => {
      const tensor = readFields(bytes);
      return [readText(tensor, 8), readTensor(tensor, path)];
    }),
  );
  return {
    nodes: each(1).map(({ bytes }) => readNode(readFields(bytes), path)),
    constants,
    inputs: new Map(
      each(11).map(({ bytes }) => readFields(bytes))
        .filter((info) => !constants.has(readText(info, 1)))
        .map((info) => [readText(info, 1), readShape(info)]),
    ),
    outputs: each(12).map(({ bytes }) => readText(readFields(bytes), 1)),
  };
}

function readNode(fields: readonly WireField[], path: string): OnnxNode {
  const texts = (number: number) =>
    fields.filter((field) => field.number === number).map((field) => readText([field], number));
  return {
    operation: readText(fields, 4),
    inputs: texts(1),
    outputs: texts(2),
    attributes: new Map(
      fields.filter(({ number }) => number === 5).map(({ bytes }) => {
        const attribute = readFields(bytes);
        const value = (number: number) =>
          attribute.findLast((field) => field.number === number)?.value ?? 0;
        const tensor = attribute.findLast(({ number }) => number === 5);
        return [readText(attribute, 1), {
          float: value(2),
          integer: value(3),
          text: readText(attribute, 4),
          integers: readIntegers(attribute, 8),
          tensor: tensor && readTensor(readFields(tensor.bytes), path),
        }];
      }),
    ),
  };
}

/** Of a `ValueInfoProto`: type (2), tensor_type (1), shape (2), dim (1), dim_value (1). */
function readShape(info: readonly WireField[]): number[] {
  let fields = info;
  for (const number of [2, 1, 2]) {
    fields = readFields(
      fields.find((field) => field.number === number)?.bytes ?? new Uint8Array(0),
    );
  }
  return fields.filter(({ number }) => number === 1).map(({ bytes }) =>
    readFields(bytes).find(({ number }) => number === 1)?.value ?? -1
  );
}

/** Of a `TensorProto`. */
function readTensor(fields: readonly WireField[], path: string): OnnxTensor {
  const shape = readIntegers(fields, 1);
  const type = fields.findLast(({ number }) => number === 2)?.value;
  const name = readText(fields, 8);
  const raw = fields.findLast(({ number }) => number === 9)?.bytes.slice();
  const isElsewhere = fields.some(({ number, value }) => number === 14 && value === 1);
  const read = isElsewhere ? undefined : readers[type ?? 0];
  if (read === undefined) {
    throw new TinctError(
      "unimplemented",
      `The constant ${name} of ${path} ${
        isElsewhere ? "lies in another file" : `is of the ONNX type ${type}`
      }; export the network in float32, in one file.`,
    );
  }
  const count = shape.reduce((a, b) => a * b, 1);
  const values = raw === undefined || raw.length === count * read.sizeBytes
    ? read.values(raw, fields)
    : undefined;
  if (values?.length === count) return { shape, values };
  throw new TinctError(
    "data_loss",
    `The constant ${name} of ${path} does not have the ${count} values that [${shape}] needs.`,
  );
}

/** Reads the values of one type, from the raw bytes where there are such, or from their own field. */
interface Reader {
  readonly sizeBytes: number;
  readonly values: (
    raw: Uint8Array<ArrayBuffer> | undefined,
    fields: readonly WireField[],
  ) => Float32Array;
}

/** By `TensorProto.DataType`. */
const readers: Readonly<Record<number, Reader>> = {
  1: {
    sizeBytes: 4,
    values: (raw, fields) => raw ? new Float32Array(raw.buffer) : readFloats(fields),
  },
  6: {
    sizeBytes: 4,
    values: (raw, fields) =>
      Float32Array.from(raw ? new Int32Array(raw.buffer) : readIntegers(fields, 5)),
  },
  7: {
    sizeBytes: 8,
    values: (raw, fields) =>
      Float32Array.from(
        raw ? Array.from(new BigInt64Array(raw.buffer), Number) : readIntegers(fields, 7),
      ),
  },
  11: {
    sizeBytes: 8,
    values: (raw) => Float32Array.from(new Float64Array(raw?.buffer ?? new ArrayBuffer(0))),
  },
};

/** The field float_data, packed or not. */
function readFloats(fields: readonly WireField[]): Float32Array {
  return Float32Array.from(
    fields.filter(({ number }) => number === 4).flatMap(({ value, bytes }) =>
      bytes.length === 0 ? [value] : [...new Float32Array(bytes.slice().buffer)]
    ),
  );
}
