import { type ErrorCode, TinctError } from "../errors.ts";
import { utf8 } from "./c_string.ts";
import { NativeObject } from "./native_object.ts";
import type { Symbols } from "./symbols.ts";

/** `TF_Code` of `tsl/c/tsl_status.h`, where it says more than "internal". */
const codes: Readonly<Record<number, ErrorCode>> = {
  1: "cancelled",
  4: "deadline_exceeded",
  8: "resource_exhausted",
  12: "unimplemented",
  14: "unavailable",
  15: "data_loss",
};

/**
 * A `TF_Status`. Every call that may run beside others needs one of its own, since the library
 * writes into it from the thread that runs the call.
 */
export class Status extends NativeObject {
  readonly #symbols: Symbols;

  constructor(symbols: Symbols) {
    super("TF_Status", symbols.TF_NewStatus(), symbols.TF_DeleteStatus);
    this.#symbols = symbols;
  }

  /** Makes it a failure, to be handed to a call that takes one. */
  set(code: number, message: string): void {
    this.#symbols.TF_SetStatus(this.pointer, code, Uint8Array.from([...utf8(message), 0]));
  }

  /**
   * Throws when the last call failed.
   *
   * @param what what was being done, such as the name of an operation.
   * @throws TinctError with the code that TensorFlow gave ("internal" for most).
   */
  check(what: string): void {
    const code = this.#symbols.TF_GetCode(this.pointer);
    if (code === 0) return;
    const text = this.#symbols.TF_Message(this.pointer);
    const message = text === null ? "no message" : Deno.UnsafePointerView.getCString(text);
    throw new TinctError(
      codes[code] ?? "internal",
      `TensorFlow failed at ${what} (code ${code}): ${message}`,
    );
  }
}
