import { NativeObject } from "./native_object.ts";
import { Status } from "./status.ts";
import type { Symbols } from "./symbols.ts";
import { HostTensor } from "./tensor.ts";

/** A `TFE_TensorHandle`: a tensor of the eager runtime, on any device. */
export class TensorHandle extends NativeObject {
  readonly #symbols: Symbols;
  /** The `DataType` of its elements. */
  readonly dataType: number;
  /** The sizes of its dimensions; [] for a scalar. */
  readonly shape: readonly number[];

  /** Takes ownership of `pointer`. */
  constructor(symbols: Symbols, pointer: Deno.PointerValue) {
    super("TFE_TensorHandle", pointer, symbols.TFE_DeleteTensorHandle);
    this.#symbols = symbols;
    using status = new Status(symbols);
    this.dataType = symbols.TFE_TensorHandleDataType(this.pointer);
    const rank = symbols.TFE_TensorHandleNumDims(this.pointer, status.pointer);
    status.check("TFE_TensorHandleNumDims");
    this.shape = Array.from({ length: rank }, (_, axis) => {
      const size = Number(symbols.TFE_TensorHandleDim(this.pointer, axis, status.pointer));
      status.check("TFE_TensorHandleDim");
      return size;
    });
  }

  /** A handle that refers to the values of a host tensor, which may then be disposed of. */
  static of(symbols: Symbols, tensor: HostTensor): TensorHandle {
    using status = new Status(symbols);
    const pointer = symbols.TFE_NewTensorHandle(tensor.pointer, status.pointer);
    status.check("TFE_NewTensorHandle");
    return new TensorHandle(symbols, pointer);
  }

  /** Another owner of the same values. */
  share(): TensorHandle {
    using status = new Status(this.#symbols);
    const pointer = this.#symbols.TFE_TensorHandleCopySharingTensor(this.pointer, status.pointer);
    status.check("TFE_TensorHandleCopySharingTensor");
    return new TensorHandle(this.#symbols, pointer);
  }

  /** The values in host memory; the caller owns the result. Waits for the device. */
  resolve(): HostTensor {
    using status = new Status(this.#symbols);
    const pointer = this.#symbols.TFE_TensorHandleResolve(this.pointer, status.pointer);
    status.check("TFE_TensorHandleResolve");
    return new HostTensor(this.#symbols, pointer);
  }

  /** As `resolve`, without blocking the event loop. Must not be disposed of meanwhile. */
  async resolveAsync(): Promise<HostTensor> {
    using status = new Status(this.#symbols);
    const pointer = await this.#symbols.TFE_TensorHandleResolveAsync(this.pointer, status.pointer);
    status.check("TFE_TensorHandleResolve");
    return new HostTensor(this.#symbols, pointer);
  }
}
