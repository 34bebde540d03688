import { readFile } from "node:fs/promises";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";

/** One line of metrics.jsonl. */
export interface MetricsEntry {
  readonly step: number;
  readonly [name: string]: number | string;
}

/** The run's `metrics.jsonl`: one JSON object a line. Owns the open file. */
export class MetricsLog implements AsyncDisposable {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Opens the log of a run.
   *
   * @param afterStep lines of later steps are taken out: a resumed run writes them again.
   */
  static async open(runFolder: string, afterStep: number): Promise<MetricsLog> {
    const path = join(runFolder, "metrics.jsonl");
    const entries = await readMetrics(runFolder);
    const kept = entries.filter(({ step }) => step <= afterStep);
    if (kept.length !== entries.length || entries.length === 0) {
      const text = kept.map((entry) => `${JSON.stringify(entry)}\n`).join("");
      await writeFileAtomically(path, text);
    }
    return new MetricsLog(await open(path, "a"));
  }

  async append(entry: MetricsEntry): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(entry)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }
}

/** The entries of a run's log; none where there is no log. A line cut short at a crash is left out. */
export async function readMetrics(runFolder: string): Promise<MetricsEntry[]> {
  let text: string;
  try {
    text = await readFile(join(runFolder, "metrics.jsonl"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      const entry: unknown = JSON.parse(line);
      return isEntry(entry) ? [entry] : [];
    } catch {
      return []; // the empty line at the end, or one that a crash cut short
    }
  });
}

function isEntry(value: unknown): value is MetricsEntry {
  return typeof value === "object" && value !== null && "step" in value &&
    typeof value.step === "number";
}
