import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonWith } from "../kept_tools.ts";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** What the real TensorBoard reads in a run's folder. */
export interface TensorBoardView {
  readonly scalars: Readonly<Record<string, readonly (readonly [step: number, value: number])[]>>;
  /** Step, width, height, and what a decoder says of the file. */
  readonly images: Readonly<
    Record<string, readonly [number, number, number, string, readonly [number, number]][]>
  >;
  readonly texts: Readonly<Record<string, readonly (readonly [step: number, text: string])[]>>;
  readonly hyperparameters: Readonly<Record<string, string | number | boolean>>;
}

/** TensorBoard in an environment of its own; what is missing, where it cannot be had. */
export async function installTensorBoard(): Promise<
  { readonly read: (run: string) => Promise<TensorBoardView> } | { missing: string }
> {
  let python: string;
  try {
    python = join(await pythonWith([path("./requirements.txt")]), "python");
  } catch (error) {
    return { missing: String(error).split("\n")[0] ?? "" };
  }
  return {
    read: async (runFolder) => {
      const { stdout } = await run(python, [path("./read_events.py"), runFolder], {
        maxBuffer: 1 << 26,
      });
      return JSON.parse(stdout);
    },
  };
}
