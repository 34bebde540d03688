import { TinctError } from "../errors.ts";
import type { SafetensorsFile } from "./safetensors.ts";
import { sameShape } from "./tensor_specs.ts";
import { isFloating, readAnyFloats } from "./tensor_values.ts";

/** A tensor that is wanted of another program's file. */
interface WantedTensor {
  /** What it is called here. */
  readonly name: string;
  /** What the file calls it. */
  readonly foreign: string;
  /** The shapes that it may have, in PyTorch's layout; the last is the usual one. */
  readonly shapes: readonly (readonly number[])[];
}

/** So many faults of a kind are named, the others counted. */
const MAX_NAMED = 8;

/**
 * Reads tensors that another program wrote, whatever their floating type.
 *
 * @param options `misfit`: what a file is told that does not fit, such as "cannot fill the encoder".
 * @returns their values by their names here.
 * @throws {TinctError} `failed_precondition` with all that is missing, of another shape, of another
 *   type or not finite; what `SafetensorsFile.read` throws.
 */
export async function readForeignTensors(
  file: SafetensorsFile,
  wanted: readonly WantedTensor[],
  { misfit, signal }: { readonly misfit: string; readonly signal?: AbortSignal | undefined },
): Promise<Map<string, Float32Array>> {
  const [missing, misshapen, unread, unsound]: string[][] = [[], [], [], []];
  const values = new Map<string, Float32Array>();
  for (const { name, foreign, shapes } of wanted) {
    const info = file.get(foreign);
    if (info === undefined) {
      const other = file.foreign.find(({ name }) => name === foreign);
      if (other === undefined) missing!.push(foreign);
      else unread!.push(`${foreign} is of type ${other.dtype}`);
    } else if (!shapes.some((shape) => sameShape(info.shape, shape))) {
      misshapen!.push(`${foreign} is [${info.shape}] instead of [${shapes.at(-1)}]`);
    } else if (!isFloating(info.dtype)) {
      unread!.push(`${foreign} is of type ${info.dtype}`);
    } else {
      const read = await readAnyFloats(file, foreign, signal);
      const wrong = countUnsound(read, name);
      if (wrong > 0) unsound!.push(`${foreign} (${wrong} of ${read.length} numbers)`);
      values.set(name, read);
    }
  }
  const faults = [
    listed("missing", missing!),
    listed("of another shape", misshapen!),
    listed("not float32, float16 or bfloat16", unread!),
    listed("not finite, or a variance under 0", unsound!),
  ].filter((text) => text !== "");
  if (faults.length === 0) return values;
  throw new TinctError(
    "failed_precondition",
    `${file.path} ${misfit}: ${faults.join("; ")}. Nothing was changed.`,
  );
}

/** A name may be megabytes long; a message may not. */
export function shortened(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}

function listed(label: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : "";
  return `${label}: ${items.slice(0, MAX_NAMED).map(shortened).join(", ")}${more}`;
}

/** A million numbers take about a millisecond. */
function countUnsound(values: Float32Array, name: string): number {
  const least = name.endsWith(".running_var") ? 0 : -Infinity;
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!(value >= least && value < Infinity && value > -Infinity)) count++;
  }
  return count;
}
