import { type FileHandle, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { diskFull, isDiskFull, systemErrorName, writing } from "../files/file_errors.ts";

const fileName = "metrics.jsonl";

/** One line of metrics.jsonl. */
export interface MetricsEntry {
  readonly step: number;
  readonly [name: string]: number | string;
}

/** Where a run goes on. */
export interface GoesOn {
  /** The last step done: entries of later ones go. */
  readonly afterStep: number;
  /** Whether that step is still to be validated: entries of that go, too. */
  readonly pending: boolean;
}

/** The run's `metrics.jsonl`: one JSON object a line. Owns the open file. */
export class MetricsLog implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Whether the last line may lack its end. */
  #isTorn = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the log of a run, and takes out what the steps to come will write again. Rollbacks stay: no
   * step repeats them.
   */
  static async open(
    runFolder: string,
    { afterStep, pending }: GoesOn,
  ): Promise<MetricsLog> {
    const path = join(runFolder, fileName);
    const kept = (await readMetrics(runFolder)).filter(keptBy({ afterStep, pending }));
    const text = kept.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    await writeFileAtomically(path, text);
    return new MetricsLog(path, await writing(path, open(path, "a")));
  }

  /**
   * Adds a line. After one that could not be written the next is whole all the same.
   *
   * @throws TinctError `resource_exhausted` when the disk is full.
   */
  async append(entry: MetricsEntry): Promise<void> {
    const line = `${this.#isTorn ? "\n" : ""}${JSON.stringify(entry)}\n`;
    this.#isTorn = true;
    await this.#written(this.#file.appendFile(line));
    this.#isTorn = false;
  }

  /** Waits until what was appended is on the disk. */
  async sync(): Promise<void> {
    await this.#written(this.#file.sync());
  }

  async #written(operation: Promise<void>): Promise<void> {
    try {
      await writing(this.#path, operation);
    } catch (error) {
      throw isDiskFull(error) ? await diskFull(this.#path, dirname(this.#path), error) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** The entries of a run's log; none where there is no log. A line cut short at a crash is left out. */
export async function readMetrics(runFolder: string): Promise<MetricsEntry[]> {
  let text: string;
  try {
    text = await readFile(join(runFolder, fileName), "utf8");
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return [];
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

/** Which entries no step to come will write again. */
export function keptBy({ afterStep, pending }: GoesOn): (entry: MetricsEntry) => boolean {
  return (entry) =>
    entry.step < afterStep || entry["action"] === "rollback" ||
    (entry.step === afterStep && !(pending && isOfValidation(entry)));
}

function isOfValidation({ kind, check }: MetricsEntry): boolean {
  return kind === "validation" || kind === "hinted" || kind === "probe" ||
    (kind === "health" && check === "gray_collapse");
}

function isEntry(value: unknown): value is MetricsEntry {
  return typeof value === "object" && value !== null && "step" in value &&
    typeof value.step === "number";
}
