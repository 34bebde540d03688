import { TinctError } from "../errors.ts";
import {
  readFields,
  readIntegers,
  readText,
  type WireField,
} from "../tensorflow/protobuf_reader.ts";
import { clamped, constantOf, describeTensor, type OnnxTensor, readFloats } from "./onnx_tensor.ts";

/** An attribute of a node, of any type. */
interface OnnxAttribute {
  readonly float: number;
  readonly integer: number;
  readonly text: string;
  readonly integers: readonly number[];
  readonly floats: Float32Array;
  readonly tensor: OnnxTensor | undefined;
}

/** One operation. */
export interface OnnxNode {
  /** Such as "Conv"; one that is not ONNX's own has its domain before it, "com.microsoft.Gelu". */
  readonly operation: string;
  /** "" where it has none. */
  readonly name: string;
  /** "" where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** What a model holds, before any value of it is read. */
export interface OnnxModel {
  /** The version of ONNX's own operations. */
  readonly opset: number;
  /** In the order of the file. */
  readonly nodes: readonly OnnxNode[];
  /** The initializers, and what nodes of the operation Constant say, by name. */
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** What is to be given: the inputs that are no constants, with their shapes; -1 for any size. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly outputs: readonly string[];
}

/**
 * Reads an ONNX file (onnx.proto, https://onnx.ai/onnx/repo-docs/IR.html), but no values of constants.
 *
 * @param file its bytes; the constants lie in their memory.
 * @param path names it in errors.
 * @throws TinctError `data_loss` for a file that is none, or whose constants cannot be as they are
 *   declared; `unimplemented` for constants of a type that no network computes with.
 */
export function readOnnx(file: Uint8Array, path: string): OnnxModel {
  const model = readMessage(file, path);
  const graph = model.findLast(({ number }) => number === 7);
  if (graph === undefined || graph.bytes.length === 0) {
    throw new TinctError("data_loss", `${path} is no ONNX model: it holds no graph.`);
  }
  const fields = readMessage(graph.bytes, path);
  const each = (number: number) => fields.filter((field) => field.number === number);
  if (each(15).length > 0) {
    throw new TinctError("unimplemented", `${path} has sparse initializers; export dense ones.`);
  }
  const constants = new Map<string, OnnxTensor>();
  for (const { bytes } of each(5)) {
    const tensor = describeTensor(readMessage(bytes, path), path);
    constants.set(tensor.name, tensor);
  }
  const nodes: OnnxNode[] = [];
  for (const { bytes } of each(1)) {
    const node = readNode(readMessage(bytes, path), path);
    const [made = ""] = node.outputs;
    const constant = node.operation === "Constant" ? readConstant(node) : undefined;
    if (constant === undefined) nodes.push(node);
    else constants.set(made, { ...constant, name: made });
  }
  const infos = each(11).map(({ bytes }) => readMessage(bytes, path));
  return {
    opset: readOpset(model, path),
    nodes,
    constants,
    inputs: new Map(
      infos.map((info) => [readText(info, 1), readShape(info)] as const)
        .filter(([name]) => !constants.has(name)),
    ),
    outputs: each(12).map(({ bytes }) => readText(readMessage(bytes, path), 1)),
  };
}

/** The fields of a message; its damage is told of the file. */
function readMessage(bytes: Uint8Array, path: string): WireField[] {
  try {
    return readFields(bytes);
  } catch (cause) {
    if (!(cause instanceof TinctError)) throw cause;
    throw new TinctError("data_loss", `${path} is cut short, or of another format than ONNX.`, {
      cause,
    });
  }
}

/** Of a `ModelProto`: opset_import (8), domain (1), version (2). */
function readOpset(model: readonly WireField[], path: string): number {
  const imports = model.filter(({ number }) => number === 8)
    .map(({ bytes }) => readMessage(bytes, path));
  const own = imports.find((fields) => isOwn(readText(fields, 1)));
  return own?.findLast(({ number }) => number === 2)?.value ?? 1;
}

/** Whether a domain is that of ONNX's own operations. */
function isOwn(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

function readNode(fields: readonly WireField[], path: string): OnnxNode {
  const texts = (number: number) =>
    fields.filter((field) => field.number === number).map((field) => readText([field], number));
  const domain = readText(fields, 7);
  return {
    operation: isOwn(domain) ? readText(fields, 4) : `${domain}.${readText(fields, 4)}`,
    name: readText(fields, 3),
    inputs: texts(1),
    outputs: texts(2),
    attributes: new Map(
      fields.filter(({ number }) => number === 5).map(({ bytes }) => {
        const attribute = readMessage(bytes, path);
        const value = (number: number) =>
          attribute.findLast((field) => field.number === number)?.value ?? 0;
        const tensor = attribute.findLast(({ number }) => number === 5);
        return [readText(attribute, 1), {
          float: value(2),
          integer: value(3),
          text: readText(attribute, 4),
          integers: readIntegers(attribute, 8),
          floats: readFloats(attribute, 7),
          tensor: tensor && describeTensor(readMessage(tensor.bytes, path), path),
        }];
      }),
    ),
  };
}

/** What a node of the operation Constant says, in any of its forms but strings and sparse ones. */
function readConstant({ attributes }: OnnxNode): OnnxTensor | undefined {
  const [[form, attribute] = []] = attributes;
  switch (form) {
    case "value":
      return attribute?.tensor;
    case "value_float":
      return constantOf(Float32Array.of(attribute!.float), []);
    case "value_floats":
      return constantOf(attribute!.floats, [attribute!.floats.length]);
    case "value_int":
      return constantOf(clamped([attribute!.integer]), []);
    case "value_ints":
      return constantOf(clamped(attribute!.integers), [attribute!.integers.length]);
    default:
      return undefined;
  }
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
