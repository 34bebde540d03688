import { realpath, stat } from "node:fs/promises";
import { TinctError } from "../errors.ts";
import type { Supervisor } from "../jobs/supervisor.ts";
import type { DatasetReport } from "../protocol/generated/tinct/v1/dataset_report.ts";
import { counted, countedWith } from "../words.ts";
import type { Log } from "./log.ts";
import type { DatasetFolders } from "./dataset_folders.ts";

/** What was found in a folder as it was. */
interface Look {
  /** Tells the folder as it was looked at apart from what it has become. */
  readonly stamp: string;
  readonly report: Promise<DatasetReport>;
}

/**
 * Knows which datasets have a photo to train on. A worker looks for the first one, and no more than one
 * worker a dataset at a time; it looks again when the dataset's folder has changed.
 */
export class UsablePhotos {
  readonly #datasets: DatasetFolders;
  readonly #inspect: Supervisor["inspect"];
  readonly #log: Log;
  readonly #looks = new Map<string, Look>();

  constructor(datasets: DatasetFolders, inspect: Supervisor["inspect"], log: Log) {
    this.#datasets = datasets;
    this.#inspect = inspect;
    this.#log = log;
  }

  /**
   * Refuses a dataset that nothing can be trained on. Where the worker that looks is lost, nothing is
   * refused: a job looks for itself.
   *
   * @throws {TinctError} failed_precondition where no photo of the dataset can be trained on; what
   *   `DatasetFolders.folderOf` and `Supervisor.inspect` throw.
   */
  async require(dataset: string): Promise<void> {
    const folder = await this.#datasets.folderOf(dataset);
    const stamp = await stampOf(folder, dataset);
    let look = this.#looks.get(dataset);
    if (look?.stamp !== stamp) {
      look = { stamp, report: this.#inspect(folder, { untilUsable: true }) };
      this.#looks.set(dataset, look);
    }
    let isUsable = false;
    try {
      const report = await look.report;
      isUsable = Number(report.usablePhotos) > 0;
      if (!isUsable) throw nothingUsable(dataset, report);
    } catch (error) {
      if (!(error instanceof TinctError) || error.code !== "unavailable") throw error;
      const message = `Nobody has looked at the photos of the dataset ${dataset}: ${error.message}`;
      this.#log.write({ level: "warning", message, fields: { dataset } });
    } finally {
      // What may be mended in a folder below is looked at again.
      if (!isUsable && this.#looks.get(dataset) === look) this.#looks.delete(dataset);
    }
  }
}

/** The error of a dataset without a photo to train on. */
export function nothingUsable(dataset: string, report: DatasetReport): TinctError {
  return new TinctError(
    "failed_precondition",
    `The dataset ${dataset} ${describeNothing(report)}; add colour photos to it.`,
  );
}

/** What is wrong with a dataset whose report tells of no usable photo, to be read on after its name. */
export function describeNothing(report: DatasetReport): string {
  const [photos, broken, gray] = [report.photos, report.brokenPhotos, report.grayPhotos]
    .map((count) => Number(count ?? 0)) as [number, number, number];
  if (photos === 0) return "has no photo";
  const are = ["is", "are"] as const;
  const parts = [
    ...(broken > 0 ? [`${countedWith(broken, "file", are)} broken`] : []),
    ...(gray > 0 ? [`${countedWith(gray, "photo", are)} gray`] : []),
  ];
  return `has no photo to train on (of ${counted(photos, "file")} ${parts.join(" and ")})`;
}

async function stampOf(folder: string, dataset: string): Promise<string> {
  try {
    const { mtimeMs, ctimeMs } = await stat(folder);
    return JSON.stringify([await realpath(folder), mtimeMs, ctimeMs]);
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `The photos of the dataset ${dataset} are gone from the server; put them back, or delete the ` +
        "dataset and upload it again.",
      { cause },
    );
  }
}
