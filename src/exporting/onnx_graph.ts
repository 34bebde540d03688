import {
  type Field,
  floatField,
  messageField,
  stringField,
  varintField,
} from "../tensorflow/protobuf.ts";
import { bytesOf, onnxTypes } from "./onnx_types.ts";

/** Gives the bytes of a tensor, as many as its shape takes, in pieces. */
export type TensorPieces = (
  signal?: AbortSignal,
) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A constant of a graph. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: OnnxType;
  readonly pieces: TensorPieces;
}

/** Types of tensors that our graphs have. */
export type OnnxType = keyof typeof onnxTypes;

/** An attribute: a text, a list of whole numbers, or a number; whole ones are ints by their type. */
export type Attribute = string | readonly number[] | { readonly float: number } | number;

/** A tensor that a graph takes or gives; a text stands for a size that is free. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

/** A graph of ONNX that grows node by node. Values are known by their names. */
export class OnnxGraph {
  readonly nodes: Field[] = [];
  readonly initializers: Initializer[] = [];
  readonly inputs: OnnxValueInfo[] = [];
  readonly outputs: OnnxValueInfo[] = [];
  #values = 0;

  /** Declares what the graph takes. @returns its name. */
  input(info: OnnxValueInfo): string {
    this.inputs.push(info);
    return info.name;
  }

  /**
   * Adds an operation with one output.
   *
   * @param output its name; one is made up when left out.
   * @returns the name of its output.
   */
  node(
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `${operation}_${++this.#values}`,
  ): string {
    this.nodes.push(messageField(
      1,
      ...inputs.map((name) => stringField(1, name)),
      stringField(2, output),
      stringField(3, output),
      stringField(4, operation),
      ...Object.entries(attributes).map(([name, value]) => attributeField(name, value)),
    ));
    return output;
  }

  /** A value in another type. @returns its name. */
  cast(value: string, type: OnnxType): string {
    return this.node("Cast", [value], { to: onnxTypes[type].number });
  }

  /** A constant that is read when the file is written. @returns its name. */
  weight(initializer: Omit<Initializer, "type">): string {
    this.initializers.push({ ...initializer, type: "float32" });
    return initializer.name;
  }

  /** A constant of a few numbers; without a shape a scalar. @returns its name. */
  constant(values: Float32Array | BigInt64Array, shape: readonly number[] = []): string {
    const name = `constant_${++this.#values}`;
    const type = values instanceof Float32Array ? "float32" : "int64";
    this.initializers.push({ name, type, shape, pieces: () => [bytesOf(values)] });
    return name;
  }

  /** A single number. @returns its name. */
  number(value: number): string {
    return this.constant(Float32Array.of(value));
  }

  /** A single whole number. @returns its name. */
  integer(value: number): string {
    return this.constant(BigInt64Array.of(BigInt(value)));
  }

  /** Whole numbers, as shapes and axes are. @returns their name. */
  integers(...values: number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }
}

/** `AttributeProto`: name (1), f (2), i (3), s (4), ints (8), type (20). */
function attributeField(name: string, value: Attribute): Field {
  const of = (type: number, ...fields: Field[]) =>
    messageField(5, stringField(1, name), ...fields, varintField(20, type));
  if (typeof value === "string") return of(3, stringField(4, value));
  if (typeof value === "number") return of(2, varintField(3, value));
  if ("float" in value) return of(1, floatField(2, value.float));
  return of(7, ...value.map((each) => varintField(8, each)));
}
