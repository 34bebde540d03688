import { appendFile, readFile } from "node:fs/promises";
import { systemErrorName } from "../../src/files/file_errors.ts";

/** Means over pictures, by measure, such as psnr. */
export type Measures = Readonly<Record<string, number>>;

/** What came of one training. */
export interface Result {
  readonly row: string;
  readonly seed: number;
  /** All that it depends on; a result of other settings is another result. */
  readonly settings: string;
  readonly measures: Measures;
  /** With hints, by their number. */
  readonly hinted?: Readonly<Record<string, Measures>> | undefined;
  readonly seconds: number;
  /** The bench's own, of all processors together; what a Python program used is not in it. */
  readonly cpuSeconds: number;
}

/** Results in a file that grows by a line for each training, so that the next call goes on. */
export class Results {
  readonly #path: string;
  readonly #known: Result[];

  private constructor(path: string, known: Result[]) {
    this.#path = path;
    this.#known = known;
  }

  /** Reads what is there already. A last line that was cut short is left out. */
  static async open(path: string): Promise<Results> {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if (systemErrorName(error) === "ENOENT") return "";
      throw error;
    });
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const lines = whole.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
    // What follows a line that was cut short begins a line of its own.
    if (whole.length < text.length) await appendFile(path, "\n");
    return new Results(path, lines.map((line): Result => JSON.parse(line)));
  }

  get(row: string, seed: number, settings: string): Result | undefined {
    return this.#known.findLast((each) =>
      each.row === row && each.seed === seed && each.settings === settings
    );
  }

  /** Seconds that trainings of a row took; those of all rows where it has none yet. */
  secondsOf(row: string): number {
    const own = this.#known.filter((each) => each.row === row);
    const taken = (own.length > 0 ? own : this.#known).map(({ seconds }) => seconds);
    return taken.reduce((sum, each) => sum + each, 0) / Math.max(1, taken.length);
  }

  async add(result: Result): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(result)}\n`);
    this.#known.push(result);
  }
}
