import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pythonFor } from "../kept_tools.ts";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** A network to compute; its files lie in one folder. */
export interface OnnxCase {
  readonly model: string;
  readonly inputs: Readonly<
    Record<string, {
      readonly file: string;
      readonly dtype: "float32" | "uint8";
      readonly shape: readonly number[];
    }>
  >;
  /** Where the first output goes, as raw numbers. */
  readonly output: string;
}

/** What came of a case. */
interface OnnxOutcome {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly opset: number;
  readonly operations: readonly string[];
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A Python with ONNX Runtime; see `pythonFor`. */
export async function onnxPython(t: Deno.TestContext): Promise<string | undefined> {
  return await pythonFor(t, "ONNX Runtime", [path("./requirements.txt")]);
}

/** Checks networks by onnx.checker, and computes them by ONNX Runtime. */
export async function computeByRuntime(
  python: string,
  folder: string,
  cases: readonly OnnxCase[],
): Promise<readonly OnnxOutcome[]> {
  await writeFile(join(folder, "cases.json"), JSON.stringify(cases));
  const { stdout } = await run(python, [path("./run_onnx.py"), folder], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}
