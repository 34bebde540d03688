import { realpath, stat } from "node:fs/promises";
import { photosPerStep } from "../config/photos_per_step.ts";
import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { InspectionConfig } from "../fleet/inspect_dataset.ts";
import type { Workbench } from "../fleet/workbench.ts";
import type { DatasetReport } from "../protocol/generated/tinct/v1/dataset_report.ts";
import { counted, countedWith } from "../words.ts";
import type { Log } from "../log/log.ts";
import type { DatasetFolders } from "./dataset_folders.ts";
import { StampedWork } from "./stamped_work.ts";

/** What a training asks of a dataset's photos. */
export interface PhotoNeeds extends InspectionConfig {
  /** So many must be there to train on: those of a step. */
  readonly photosPerStep: number;
}

/** What a configuration asks for. @param replicas how many processes train together. */
export function photoNeeds(config: TrainingConfig, replicas: number): PhotoNeeds {
  const { size, seed, validationFraction } = config;
  return { size, seed, validationFraction, photosPerStep: photosPerStep(config, replicas) };
}

/** The most looks that are remembered. */
const MAX_LOOKS = 1000;

/**
 * Knows which datasets have the photos that a training needs. A worker looks for them, no further than
 * to as many as a step takes, and no more than one worker at a time for the same needs; it looks again
 * when the dataset's folder has changed.
 */
export class UsablePhotos {
  readonly #datasets: DatasetFolders;
  readonly #inspect: Workbench["inspect"];
  readonly #log: Log;
  /** By dataset and needs: the counts of reports; what they name is left out. */
  readonly #looks = new StampedWork<DatasetReport>(MAX_LOOKS);

  constructor(datasets: DatasetFolders, inspect: Workbench["inspect"], log: Log) {
    this.#datasets = datasets;
    this.#inspect = inspect;
    this.#log = log;
  }

  /**
   * Refuses a dataset that a training would fail with. Where the worker that looks is lost, nothing is
   * refused: a job looks for itself.
   *
   * @throws {TinctError} failed_precondition where no photo of the dataset can be trained on, or fewer
   *   than a step takes; what `DatasetFolders.folderOf` and `Workbench.inspect` throw; the signal's
   *   reason. The worker ends when nobody waits for it.
   */
  async require(dataset: string, needs: PhotoNeeds, signal?: AbortSignal): Promise<void> {
    const folder = await this.#datasets.folderOf(dataset);
    const stamp = await stampOf(folder, dataset);
    const key = JSON.stringify([dataset, needs]);
    const { photosPerStep: untilTrained, ...config } = needs;
    const work = this.#looks.of(key, stamp, async (unwanted) => {
      const wanted = { untilTrained, config, signal: unwanted };
      return { ...await this.#inspect(folder, wanted), problems: [], duplicates: [] };
    });
    let isEnough = false;
    try {
      const report = await work.join(signal);
      if (Number(report.usablePhotos) === 0) throw nothingUsable(dataset, report);
      const tooFew = describeTooFew(report, needs.photosPerStep);
      if (tooFew !== undefined) {
        throw new TinctError("failed_precondition", `The dataset ${dataset} ${tooFew}.`, {
          kind: "TOO_FEW_PHOTOS",
        });
      }
      isEnough = true;
    } catch (error) {
      const isLost = error instanceof TinctError && error.code === "unavailable";
      if (signal?.aborted || !isLost) throw error;
      const message = `The photos of the dataset ${dataset} were not checked: ${error.message}`;
      this.#log.write({ level: "warning", message, fields: { dataset } });
    } finally {
      // What may be mended in a folder below is looked at again.
      if (!isEnough && !signal?.aborted) this.#looks.forget(key, work);
    }
  }
}

/**
 * What is wrong with a dataset whose photos make no step, to be read on after its name; undefined where
 * they do, or the report does not say.
 */
export function describeTooFew(
  { trainingPhotos, usablePhotos }: DatasetReport,
  perStep: number,
): string | undefined {
  if (trainingPhotos === undefined || Number(trainingPhotos) >= perStep) return undefined;
  const [trained, usable] = [Number(trainingPhotos), Number(usablePhotos)];
  const kept = trained === usable
    ? ""
    : `, as ${usable - trained} of ${counted(usable, "usable photo")} are kept for validation`;
  return `has ${counted(trained, "photo")} to train on${kept}, fewer than a step takes ` +
    `(${perStep}): add photos, or give a smaller batch_size or accumulate` +
    (kept === "" ? "" : ", or a smaller validation_fraction");
}

/** The error of a dataset without a photo to train on. */
export function nothingUsable(dataset: string, report: DatasetReport): TinctError {
  return new TinctError(
    "failed_precondition",
    `The dataset ${dataset} ${describeNothing(report)}; add colour photos to it.`,
    { kind: "NO_USABLE_PHOTO" },
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
      `The photos of the dataset ${dataset} are gone from the server; restore them, or delete the ` +
        "dataset and upload it again.",
      { cause },
    );
  }
}
