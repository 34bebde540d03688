import { messageOf, TinctError } from "../errors.ts";
import { type Symbols, symbols as table } from "./symbols.ts";

/** How many missing functions a message names. */
const namesShown = 8;

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
 * @throws TinctError `failed_precondition` when the file cannot be loaded, is not TensorFlow, or lacks
 *   functions, which it names.
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
    throw new TinctError(
      "failed_precondition",
      `The TensorFlow library ${path} cannot be used: ${explain(path, cause)}. ` +
        "Run `deno task tinct setup`, or set TINCT_TENSORFLOW to the folder of a fitting one.",
      { cause },
    );
  }
}

/** Why a file is not the library: it cannot be loaded, it is another one, or it lacks functions. */
function explain(path: string, cause: unknown): string {
  const failure = messageOf(cause).replace(/^(Could not open library: )+/, "");
  try {
    Deno.dlopen(path, {}).close();
  } catch {
    return failure;
  }
  const names = functionNames();
  const missing = names.filter((name) => !has(path, name));
  if (missing.length === 0) return failure;
  if (missing.length === names.length) return "it has none of TensorFlow's functions";
  const shown = missing.slice(0, namesShown).join(", ");
  const more = missing.length > namesShown ? ` and ${missing.length - namesShown} more` : "";
  return `it lacks ${shown}${more}, which TensorFlow 2.21 has`;
}

/** The names of the C functions; some serve more than one entry of the table. */
function functionNames(): string[] {
  const names = Object.entries(table)
    .filter(([, entry]) => !("optional" in entry))
    .map(([key, entry]) => "name" in entry ? entry.name : key);
  return [...new Set(names)];
}

function has(path: string, name: string): boolean {
  try {
    Deno.dlopen(path, { [name]: { parameters: [], result: "void" } }).close();
    return true;
  } catch {
    return false;
  }
}
