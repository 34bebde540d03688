import { systemErrorName } from "../files/file_errors.ts";
import type { TrainingConfig } from "../config/training.ts";
import { messageOf, TinctError } from "../errors.ts";
import { EventFile } from "../tensorboard/event_file.ts";
import {
  hyperparameters,
  picture,
  scalar,
  type SummaryValue,
  text,
} from "../tensorboard/events.ts";
import { type GoesOn, keptBy, type MetricsEntry, MetricsLog } from "./metrics_log.ts";

const sheetTag = "samples/sheet";

/** Numbers that stand apart from the others of their line: a tag's first part is a group of curves. */
const groups: Readonly<Record<string, string>> = {
  lrG: "rates",
  lrD: "rates",
  imagesPerSecond: "speed",
  epoch: "progress",
};

/** What a run writes down as it goes: `metrics.jsonl`, and the same for TensorBoard. Owns both. */
export class RunLog implements AsyncDisposable {
  readonly #metrics: MetricsLog;
  readonly #events: EventFile;
  readonly #onLost: (message: string) => void;
  /** Files whose loss was told. */
  readonly #told = new Set<string>();

  private constructor(
    metrics: MetricsLog,
    events: EventFile,
    onLost: (message: string) => void,
  ) {
    this.#metrics = metrics;
    this.#events = events;
    this.#onLost = onLost;
  }

  /**
   * Opens both, and takes out what the steps to come will write again; see `MetricsLog.open`.
   *
   * @param onLost told with a sentence, once for each file, when something could not be written: it
   *   is lost then, and no reason to end the training.
   * @throws TinctError `resource_exhausted` when the disk is full.
   */
  static async open(
    runFolder: string,
    config: TrainingConfig,
    goesOn: GoesOn,
    onLost: (message: string) => void,
  ): Promise<RunLog> {
    const isKept = keptBy(goesOn);
    const events = await EventFile.open(runFolder, {
      keeps: ({ step, tag }) => isKept(entryOf(step, tag)),
      nextStep: goesOn.afterStep + 1,
      description: describeConfig(config),
    });
    try {
      return new RunLog(await MetricsLog.open(runFolder, goesOn), events, onLost);
    } catch (error) {
      await events[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Adds a line to both. Never rejects. */
  async append(entry: MetricsEntry): Promise<void> {
    this.#events.add(entry.step, valuesOf(entry));
    await this.#try("metrics.jsonl", this.#metrics.append(entry));
  }

  /** Takes in a sample sheet. @param png its file. */
  addSheet(
    { step, ...size }: { readonly step: number; readonly width: number; readonly height: number },
    png: Uint8Array,
  ): void {
    this.#events.add(step, [picture(sheetTag, png, size)]);
  }

  /** Waits until all that was appended and not lost is on the disk. Never rejects. */
  async sync(): Promise<void> {
    await this.#try("metrics.jsonl", this.#metrics.sync());
    await this.#try("the file for TensorBoard", this.#events.sync());
  }

  async #try(name: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#told.has(name)) return;
      this.#told.add(name);
      const why = systemErrorName(error instanceof TinctError ? error.cause : error);
      this.#onLost(
        `Part of ${name} could not be written (${why || messageOf(error)}): that part is lost, ` +
          "and training goes on.",
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events[Symbol.asyncDispose]();
    await this.#metrics[Symbol.asyncDispose]();
  }
}

/** What TensorBoard shows of a line of metrics.jsonl. */
function valuesOf({ step: _, kind, ...rest }: MetricsEntry): SummaryValue[] {
  if (kind === "health") {
    const { check, action, what } = rest;
    return [text(`health/${action === "rollback" ? action : check}`, `${what} (${action})`)];
  }
  return Object.entries(rest).flatMap(([name, value]) =>
    typeof value === "number" && Number.isFinite(value)
      ? [scalar(`${groups[name] ?? kind}/${name}`, value)]
      : []
  );
}

/** As much of the line that an event was made of as says whether it is kept. */
function entryOf(step: number, tag: string): MetricsEntry {
  const [group = "", name = ""] = tag.split("/");
  if (tag === sheetTag) return { step, kind: "probe" };
  if (group !== "health") return { step, kind: group };
  return name === "rollback"
    ? { step, kind: group, action: name }
    : { step, kind: group, check: name };
}

function describeConfig(config: TrainingConfig): SummaryValue[] {
  const rows = Object.entries(config).map(([name, value]) => `| ${name} | ${value} |`);
  const table = ["| option | value |", "| --- | --- |", ...rows].join("\n");
  return [text("configuration", table), hyperparameters(config, Date.now() / 1000)];
}
