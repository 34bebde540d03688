import { NativeObject } from "./native_object.ts";
import type { Symbols } from "./symbols.ts";

/** A `TF_Buffer`, which the library fills: `struct TF_Buffer { const void* data; size_t length; … }`. */
export class Buffer extends NativeObject {
  constructor(symbols: Symbols) {
    super("TF_Buffer", symbols.TF_NewBuffer(), symbols.TF_DeleteBuffer);
  }

  /** What the library has written; a copy. */
  bytes(): Uint8Array<ArrayBuffer> {
    const view = new Deno.UnsafePointerView(this.pointer);
    const data = view.getPointer(0);
    const sizeBytes = Number(view.getBigUint64(8));
    if (data === null || sizeBytes === 0) return new Uint8Array(0);
    return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, sizeBytes)).slice();
  }
}
