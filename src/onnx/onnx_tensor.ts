import { TinctError } from "../errors.ts";
import {
  readFields,
  readIntegers,
  readText,
  type WireField,
} from "../tensorflow/protobuf_reader.ts";

/** The values of a constant, as TensorFlow computes with them. */
type OnnxValues = Float32Array | Int32Array | Uint8Array;

/** A part of a file beside the model (`external_data`). */
export interface ExternalPart {
  /** As the model says it: relative to its folder. */
  readonly location: string;
  readonly offset: number;
  /** In bytes; undefined: as many as the constant needs. */
  readonly length: number | undefined;
}

/** A constant as it is declared. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** float32 stands for every floating type, int32 for every integer. */
  readonly dtype: "float32" | "int32" | "bool";
  /** Of its values in a file; for one that lies elsewhere. */
  readonly sizeBytes: number;
  /** Where its values lie, if not in the model. */
  readonly external: ExternalPart | undefined;
  /** Its values; of one that lies elsewhere, from its bytes, whose buffer becomes theirs. */
  readonly read: (bytes?: ArrayBuffer) => OnnxValues;
}

/** One type of `TensorProto.DataType`. */
interface Format {
  readonly dtype: OnnxTensor["dtype"];
  readonly sizeBytes: number;
  readonly values: (buffer: ArrayBuffer) => OnnxValues;
  /** From the field that holds such values where they are not raw. */
  readonly listed: (fields: readonly WireField[]) => OnnxValues;
}

const listedInts = (fields: readonly WireField[]) => clamped(readIntegers(fields, 5));

function integers(
  sizeBytes: number,
  values: (buffer: ArrayBuffer) => ArrayLike<number | bigint>,
  field = 5,
): Format {
  return {
    dtype: "int32",
    sizeBytes,
    values: (buffer) => clamped(values(buffer)),
    listed: (fields) => clamped(readIntegers(fields, field)),
  };
}

/** By number. */
export const formats: Readonly<Record<number, Format>> = {
  1: {
    dtype: "float32",
    sizeBytes: 4,
    values: (buffer) => new Float32Array(buffer),
    listed: (fields) => readFloats(fields, 4),
  },
  2: integers(1, (buffer) => new Uint8Array(buffer)),
  3: integers(1, (buffer) => new Int8Array(buffer)),
  4: integers(2, (buffer) => new Uint16Array(buffer)),
  5: integers(2, (buffer) => new Int16Array(buffer)),
  6: integers(4, (buffer) => new Int32Array(buffer)),
  7: integers(8, (buffer) => new BigInt64Array(buffer), 7),
  9: {
    dtype: "bool",
    sizeBytes: 1,
    values: (buffer) => new Uint8Array(buffer),
    listed: (fields) => Uint8Array.from(listedInts(fields)),
  },
  10: {
    dtype: "float32",
    sizeBytes: 2,
    values: fromHalves,
    listed: (fields) => fromHalves(Uint16Array.from(listedInts(fields)).buffer),
  },
  11: {
    dtype: "float32",
    sizeBytes: 8,
    values: (buffer) => Float32Array.from(new Float64Array(buffer)),
    listed: (fields) => readFloats(fields, 10),
  },
  12: integers(4, (buffer) => new Uint32Array(buffer), 11),
  13: integers(8, (buffer) => new BigUint64Array(buffer), 11),
  16: {
    dtype: "float32",
    sizeBytes: 2,
    values: fromBfloat16,
    listed: (fields) => fromBfloat16(Uint16Array.from(listedInts(fields)).buffer),
  },
};

function fromHalves(buffer: ArrayBuffer): Float32Array {
  return new Float32Array(new Float16Array(buffer));
}

/** The upper half of a float32. */
function fromBfloat16(buffer: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (v) => v << 16).buffer);
}

/** Integers as 32-bit ones. What is beyond those means "to the end", as 2⁶³-1 does in a slice. */
export function clamped(values: ArrayLike<number | bigint>): Int32Array {
  return Int32Array.from(
    values as ArrayLike<number>,
    (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Number(value))),
  );
}

/** A constant that is known already. */
export function constantOf(
  values: Float32Array | Int32Array,
  shape: readonly number[],
): OnnxTensor {
  return {
    name: "",
    shape,
    dtype: values instanceof Float32Array ? "float32" : "int32",
    sizeBytes: values.byteLength,
    external: undefined,
    read: () => values,
  };
}

/**
 * Describes a `TensorProto`, whose values are not yet read.
 *
 * @throws TinctError `data_loss` where its values cannot be as many as its shape needs, which is found
 *   by their size alone; `unimplemented` for a type that no network computes with.
 */
export function describeTensor(fields: readonly WireField[], path: string): OnnxTensor {
  const shape = readIntegers(fields, 1);
  const name = readText(fields, 8);
  const count = shape.reduce((a, b) => a * b, 1);
  if (shape.some((size) => size < 0) || shape.length > 8 || !Number.isSafeInteger(count)) {
    throw new TinctError("data_loss", `The constant ${name} of ${path} has the shape [${shape}].`);
  }
  const type = fields.findLast(({ number }) => number === 2)?.value ?? 0;
  const format = formats[type];
  if (format === undefined) {
    throw new TinctError(
      "unimplemented",
      `The constant ${name} of ${path} is of the ONNX type ${type}; export the network in float32.`,
    );
  }
  const sizeBytes = count * format.sizeBytes;
  const refuse = (): never => {
    throw new TinctError(
      "data_loss",
      `The constant ${name} of ${path} does not have the ${count} values that [${shape}] needs.`,
    );
  };
  const described = { name, shape, dtype: format.dtype, sizeBytes };
  if (fields.some(({ number, value }) => number === 14 && value === 1)) {
    const external = readExternal(fields);
    if ((external.length ?? sizeBytes) !== sizeBytes) refuse();
    return { ...described, external, read: (bytes) => format.values(bytes!) };
  }
  const raw = fields.findLast(({ number }) => number === 9)?.bytes;
  if (raw !== undefined && raw.length !== sizeBytes) refuse();
  // Listed values take a byte or more each, so the size of what is listed bounds their number.
  const listed = fields.filter(({ number }) => [4, 5, 7, 10, 11].includes(number));
  const most = listed.reduce((sum, { bytes }) => sum + Math.max(1, bytes.length), 0);
  if (raw === undefined && most < count) refuse();
  return {
    ...described,
    external: undefined,
    read: () => {
      const values = raw === undefined
        ? format.listed(listed)
        : format.values(raw.slice().buffer as ArrayBuffer);
      return values.length === count ? values : refuse();
    },
  };
}

/** Of `external_data` (13): keys (1) and values (2). */
function readExternal(fields: readonly WireField[]): ExternalPart {
  const entries = new Map(
    fields.filter(({ number }) => number === 13).map(({ bytes }) => {
      const entry = readFields(bytes);
      return [readText(entry, 1), readText(entry, 2)];
    }),
  );
  const number = (key: string) => {
    const said = entries.get(key);
    return said === undefined ? undefined : /^\d{1,15}$/.test(said) ? Number(said) : NaN;
  };
  return {
    location: entries.get("location") ?? "",
    offset: number("offset") ?? 0,
    length: number("length"),
  };
}

/** The floats of a repeated field, which may be packed or not, in 32 or 64 bits. */
export function readFloats(fields: readonly WireField[], number: number): Float32Array {
  const own = fields.filter((field) => field.number === number);
  const parts = own.map(({ value, bytes }) => {
    if (bytes.length === 0) return Float32Array.of(value);
    if (bytes.length % (number === 10 ? 8 : 4) !== 0) {
      throw new TinctError("data_loss", "A list of numbers in the file is cut short.");
    }
    const { buffer } = bytes.slice();
    return number === 10
      ? Float32Array.from(new Float64Array(buffer as ArrayBuffer))
      : new Float32Array(buffer as ArrayBuffer);
  });
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
