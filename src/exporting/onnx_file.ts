import { TinctError } from "../errors.ts";
import { mebibytes } from "../words.ts";
import {
  type Field,
  fieldHead,
  message,
  messageField,
  stringField,
  varintField,
} from "../tensorflow/protobuf.ts";
import type { ExportedFile } from "./exported_file.ts";
import type { Initializer, OnnxGraph, OnnxValueInfo } from "./onnx_graph.ts";
import { onnxTypes } from "./onnx_types.ts";

/** Version 8 of the format, with version 17 of its operations: ONNX Runtime 1.12 (2022) reads both. */
const versions = { format: 8, operations: 17 };

/** Protobuf's own limit. */
const MOST_BYTES = 2 ** 31 - 1;

/** What a file says of itself. */
export interface OnnxNotes {
  /** Of the graph. */
  readonly name: string;
  /** The version of the program that writes it. */
  readonly programVersion: string;
  /** For people and their programs, such as the training step. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * A graph as an ONNX file (onnx.proto, https://onnx.ai/onnx/repo-docs/IR.html), one constant in memory
 * at a time while it is written.
 *
 * @param path of the file in its export.
 * @throws {TinctError} failed_precondition where it would be larger than protobuf takes.
 */
export function onnxFile(path: string, graph: OnnxGraph, notes: OnnxNotes): ExportedFile {
  // Fields of a message may stand in any order; the constants come last.
  const constants = graph.initializers.map((each) => ({ each, head: headOf(each) }));
  const graphHead = message(
    ...graph.nodes,
    stringField(2, notes.name),
    ...graph.inputs.map((info) => valueInfo(11, info)),
    ...graph.outputs.map((info) => valueInfo(12, info)),
  );
  const graphBytes = constants.reduce(
    (sum, { each, head }) => sum + head.length + sizeOf(each),
    graphHead.length,
  );
  const head = message(
    varintField(1, versions.format),
    stringField(2, "Tinct"),
    stringField(3, notes.programVersion),
    messageField(8, varintField(2, versions.operations)),
    ...Object.entries(notes.metadata).map(([key, value]) =>
      messageField(14, stringField(1, key), stringField(2, value))
    ),
    fieldHead(7, graphBytes),
    graphHead,
  );
  const sizeBytes = head.length + graphBytes - graphHead.length;
  if (sizeBytes > MOST_BYTES) {
    throw new TinctError(
      "failed_precondition",
      `The network takes ${
        mebibytes(sizeBytes)
      } MiB, and an ONNX file holds less than 2048: export ` +
        "it as safetensors.",
    );
  }
  return {
    path,
    sizeBytes,
    async *pieces(signal) {
      yield head;
      for (const { each, head } of constants) {
        yield head;
        yield* each.pieces(signal);
      }
    },
  };
}

function sizeOf({ shape, type }: Initializer): number {
  return shape.reduce((a, b) => a * b, onnxTypes[type].sizeBytes);
}

/** A `TensorProto` up to its values: dims (1), data_type (2), name (8), raw_data (9). */
function headOf(initializer: Initializer): Field {
  const { name, shape, type } = initializer;
  const sizeBytes = sizeOf(initializer);
  const inner = message(
    ...shape.map((size) => varintField(1, size)),
    varintField(2, onnxTypes[type].number),
    stringField(8, name),
    fieldHead(9, sizeBytes),
  );
  return message(fieldHead(5, inner.length + sizeBytes), inner);
}

/** A `ValueInfoProto`: name (1), type (2), tensor_type (1), elem_type (1), shape (2), dim (1). */
function valueInfo(number: number, { name, type, shape }: OnnxValueInfo): Field {
  const dims = shape.map((size) =>
    messageField(1, typeof size === "string" ? stringField(2, size) : varintField(1, size))
  );
  const tensor = messageField(1, varintField(1, onnxTypes[type].number), messageField(2, ...dims));
  return messageField(number, stringField(1, name), messageField(2, tensor));
}
