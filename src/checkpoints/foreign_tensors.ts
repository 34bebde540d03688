import { TinctError } from "../errors.ts";
import { shortened } from "../pytorch_files/faults.ts";
import type { TensorFile } from "./tensor_file.ts";
import { sameShape } from "./tensor_specs.ts";
import { isFloating, readAnyFloats } from "./tensor_values.ts";

/** A tensor that is wanted of another program's file. */
export interface WantedTensor {
  /** What it is called here. */
  readonly name: string;
  /** What the file calls it. */
  readonly foreign: string;
  /** The shapes that it may have, in PyTorch's layout; the last is the usual one. */
  readonly shapes: readonly (readonly number[])[];
}

/** So many faults of a kind are named where nothing else is said. */
const MAX_NAMED = 8;

/** What a file is told, and by what it is judged. */
interface ForeignOptions {
  /** What a file is told that does not fit, such as "cannot fill the encoder". */
  readonly misfit: string;
  /**
   * What the names of one network begin with in the file: others of them than those that are wanted
   * tell of another network, but for the counts of batches. Left out: others do no harm.
   */
  readonly whole?: string | undefined;
  /** Of those that begin so the names that are known to do no harm. */
  readonly idle?: readonly string[] | undefined;
  /** So many faults of a kind are named, the others counted. */
  readonly maxNamed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads tensors that another program wrote, whatever their floating type.
 *
 * @returns their values by their names here.
 * @throws {TinctError} `failed_precondition` with all that is missing, of another shape, of another
 *   type or not finite; what `TensorFile.read` throws.
 */
export async function readForeignTensors(
  file: TensorFile,
  wanted: readonly WantedTensor[],
  options: ForeignOptions,
): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  await checkForeignTensors(file, wanted, options, (name, read) => values.set(name, read));
  return values;
}

/**
 * Looks at tensors as `readForeignTensors` does, and keeps one of them in memory at a time.
 *
 * @param take is given the values of each that is sound, by its name here.
 * @throws {TinctError} as `readForeignTensors` does.
 */
export async function checkForeignTensors(
  file: TensorFile,
  wanted: readonly WantedTensor[],
  { misfit, whole, idle = [], maxNamed = MAX_NAMED, signal }: ForeignOptions,
  take: (name: string, values: Float32Array) => void = () => {},
): Promise<void> {
  const [missing, misshapen, unread, unsound]: string[][] = [[], [], [], []];
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
      take(name, read);
    }
  }
  const known = new Set([...idle, ...wanted.map(({ foreign }) => foreign)]);
  const unexpected = whole === undefined ? [] : file.tensors
    .map(({ name }) => name)
    .filter((name) => name.startsWith(whole) && !known.has(name))
    .filter((name) => !name.endsWith(".num_batches_tracked"));
  const faults = [
    listed("missing", missing!, maxNamed),
    listed("unexpected", unexpected, MAX_NAMED),
    listed("of another shape", misshapen!, maxNamed),
    listed("not float32, float16 or bfloat16", unread!, maxNamed),
    listed("not finite, or a variance under 0", unsound!, maxNamed),
  ].filter((text) => text !== "");
  if (faults.length === 0) return;
  throw new TinctError(
    "failed_precondition",
    `${file.path} ${misfit}: ${faults.join("; ")}. Nothing was changed.`,
  );
}

function listed(label: string, items: readonly string[], maxNamed: number): string {
  if (items.length === 0) return "";
  const more = items.length > maxNamed ? ` and ${items.length - maxNamed} more` : "";
  return `${label}: ${items.slice(0, maxNamed).map(shortened).join(", ")}${more}`;
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
