import { readFields, readText, type WireField } from "./protobuf_reader.ts";

/** A tensor that a model takes or gives. */
export interface SignatureTensor {
  /** Its name in the graph, such as "serving_default_pictures:0". */
  readonly name: string;
  /** A `DataType`. */
  readonly dataType: number;
  /** -1 where any size fits; undefined where even the rank is open. */
  readonly shape: readonly number[] | undefined;
}

/** What a model takes and gives, by the names that it has for them. */
export interface Signature {
  readonly inputs: ReadonlyMap<string, SignatureTensor>;
  readonly outputs: ReadonlyMap<string, SignatureTensor>;
}

/** The signatures of a serialized `MetaGraphDef` (`tensorflow/core/protobuf/meta_graph.proto`). */
export function readSignatures(metaGraph: Uint8Array): Map<string, Signature> {
  const signatures = mapOf(readFields(metaGraph), 5, (signature): Signature => ({
    inputs: mapOf(signature, 1, tensorOf),
    outputs: mapOf(signature, 2, tensorOf),
  }));
  signatures.delete("__saved_model_init_op"); // for the loader alone
  return signatures;
}

/** A field of type map<string, message>. */
function mapOf<T>(
  fields: readonly WireField[],
  number: number,
  valueOf: (message: readonly WireField[]) => T,
): Map<string, T> {
  return new Map(
    fields.filter((field) => field.number === number).map(({ bytes }) => {
      const entry = readFields(bytes);
      const value = entry.find((field) => field.number === 2)?.bytes ?? new Uint8Array(0);
      return [readText(entry, 1), valueOf(readFields(value))];
    }),
  );
}

/** Of a `TensorInfo`. */
function tensorOf(fields: readonly WireField[]): SignatureTensor {
  const shape = fields.find(({ number }) => number === 3);
  const shapeFields = shape && readFields(shape.bytes);
  const isOpen = shapeFields?.some(({ number, value }) => number === 3 && value !== 0) ?? true;
  return {
    name: readText(fields, 1),
    dataType: fields.find(({ number }) => number === 2)?.value ?? 0,
    shape: isOpen
      ? undefined
      : shapeFields?.filter(({ number }) => number === 2).map(({ bytes }) =>
        readFields(bytes).find(({ number }) => number === 1)?.value ?? 0
      ),
  };
}
