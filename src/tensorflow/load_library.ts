import { TinctError } from "../errors.ts";
import { type Symbols, symbols as table } from "./symbols.ts";

/** The library, loaded into this process, for as long as the process lives. */
export interface TensorFlow {
  readonly symbols: Symbols;
  /** Such as "2.21.0". */
  readonly version: string;
}

/**
 * Loads TensorFlow's C API.
 *
 * @param path the file `libtensorflow_cc.so.2`; it finds `libtensorflow_framework` beside it.
 * @throws TinctError `failed_precondition` when the file cannot be loaded, or names every function
 *   that is missing.
 */
export function loadTensorFlow(path: string): TensorFlow {
  const { symbols } = open(path);
  const version = symbols.TF_Version();
  return { symbols, version: version === null ? "" : Deno.UnsafePointerView.getCString(version) };
}

function open(path: string): Deno.DynamicLibrary<typeof table> {
  try {
    return Deno.dlopen(path, table);
  } catch (cause) {
    const missing = missingSymbols(path);
    const reason = missing.length === 0
      ? cause instanceof Error ? cause.message : String(cause)
      : `it lacks ${missing.join(", ")}; TensorFlow 2.21 has them`;
    throw new TinctError(
      "failed_precondition",
      `The TensorFlow library ${path} cannot be used: ${reason}. ` +
        "Run `deno task tinct setup`, or set TINCT_TENSORFLOW to the folder of a fitting one.",
      { cause },
    );
  }
}

/** The functions that the library lacks; none when it cannot be loaded at all. */
function missingSymbols(path: string): string[] {
  try {
    Deno.dlopen(path, {}).close();
  } catch {
    return []; // not a library at all; the first error says why
  }
  return Object.entries(table).filter(([key, definition]) => {
    const name = "name" in definition ? definition.name : key;
    try {
      Deno.dlopen(path, { [name]: { parameters: [], result: "void" } }).close();
      return false;
    } catch {
      return true;
    }
  }).map(([key]) => key);
}
