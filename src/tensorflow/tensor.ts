import { TinctError } from "../errors.ts";
import { sizeOf } from "./data_type.ts";
import { NativeObject } from "./native_object.ts";
import type { Symbols } from "./symbols.ts";

/** A `TF_Tensor`: values in host memory that the library owns. */
export class HostTensor extends NativeObject {
  readonly #symbols: Symbols;

  /** Takes ownership of `pointer`. */
  constructor(symbols: Symbols, pointer: Deno.PointerValue) {
    super("TF_Tensor", pointer, symbols.TF_DeleteTensor);
    this.#symbols = symbols;
  }

  /**
   * Copies values into a new tensor.
   *
   * @param dataType a `DataType` of fixed size.
   * @param shape the sizes of the dimensions; [] for a scalar.
   * @param values exactly as many bytes as type and shape ask for.
   * @throws {TinctError} resource_exhausted, as `bytes`.
   */
  static of(
    symbols: Symbols,
    dataType: number,
    shape: readonly number[],
    values: ArrayBufferView,
  ): HostTensor {
    const sizeBytes = sizeOfShape(dataType, shape);
    if (values.byteLength !== sizeBytes) {
      throw new RangeError(
        `A tensor of shape [${shape}] and type ${dataType} takes ${sizeBytes} bytes, ` +
          `not ${values.byteLength}.`,
      );
    }
    const bytes = new Uint8Array(values.buffer, values.byteOffset, sizeBytes);
    return HostTensor.filled(symbols, dataType, shape, (memory) => memory.set(bytes));
  }

  /**
   * Makes a tensor whose values are written into its own memory.
   *
   * @param fill gets that memory, which holds anything before, and keeps nothing of it.
   * @throws {TinctError} resource_exhausted, as `bytes`.
   */
  static filled(
    symbols: Symbols,
    dataType: number,
    shape: readonly number[],
    fill: (memory: Uint8Array<ArrayBuffer>) => void,
  ): HostTensor {
    const dims = BigInt64Array.from(shape, BigInt);
    const sizeBytes = BigInt(sizeOfShape(dataType, shape));
    const tensor = new HostTensor(
      symbols,
      symbols.TF_AllocateTensor(dataType, dims, shape.length, sizeBytes),
    );
    try {
      fill(tensor.bytes());
      return tensor;
    } catch (error) {
      tensor[Symbol.dispose]();
      throw error;
    }
  }

  /** The `DataType` of its elements. */
  get dataType(): number {
    return this.#symbols.TF_TensorType(this.pointer);
  }

  /** The sizes of its dimensions; [] for a scalar. */
  get shape(): number[] {
    const rank = this.#symbols.TF_NumDims(this.pointer);
    return Array.from(
      { length: rank },
      (_, axis) => Number(this.#symbols.TF_Dim(this.pointer, axis)),
    );
  }

  /**
   * The tensor's own memory, without a copy; valid until it is disposed of.
   *
   * @throws {TinctError} resource_exhausted where the library got no memory for it, which it says by
   *   this alone.
   */
  bytes(): Uint8Array<ArrayBuffer> {
    const sizeBytes = Number(this.#symbols.TF_TensorByteSize(this.pointer));
    if (sizeBytes === 0) return new Uint8Array(0);
    const data = this.#symbols.TF_TensorData(this.pointer);
    if (data === null) {
      throw new TinctError(
        "resource_exhausted",
        `TensorFlow got no memory for a tensor of ${sizeBytes.toLocaleString("en-US")} bytes; ` +
          "give the process more, or make the tensor smaller.",
      );
    }
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, sizeBytes));
  }
}

function sizeOfShape(dataType: number, shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1) * sizeOf(dataType);
}
