import { TinctError } from "../errors.ts";
import { keepPrepared, openKept } from "../prepared/kept_set.ts";
import { preparePhotos, type PreparePhotosOptions } from "../prepared/prepare_photos.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import type { TrainingAssignment__Output } from "../protocol/generated/tinct/worker/v1/training_assignment.ts";

/** Where an assignment's photos are. */
type Places = Pick<
  TrainingAssignment__Output,
  "dataset" | "datasetFolder" | "preparedFolder" | "keptFolder"
>;

/** How often photos are prepared whose prepared files another job's worker takes away meanwhile. */
const MAX_TRIES = 3;

/**
 * Opens the photos that a job trains on: those that its first worker kept, or, as the first worker,
 * those of the dataset, which are kept from now on.
 *
 * @returns the caller's to dispose of.
 * @throws {TinctError} what `preparePhotos` throws; data_loss where what was kept is damaged and the
 *   dataset is gone.
 */
export async function openPhotos(
  { dataset, datasetFolder, preparedFolder, keptFolder }: Places,
  options: Pick<PreparePhotosOptions, "size" | "limits" | "signal" | "onProgress" | "onLeftOut">,
): Promise<PreparedSet> {
  const kept = await openKept(keptFolder);
  if (kept?.size === options.size) return kept;
  await kept?.[Symbol.asyncDispose]();
  if (datasetFolder === "") {
    throw new TinctError(
      "data_loss",
      "The prepared photos of this job are damaged, and its dataset is gone: put the photos back, " +
        "and submit a job that resumes from this one's newest checkpoint.",
    );
  }
  for (let tries = 1;; tries++) {
    const set = await preparePhotos(datasetFolder, {
      ...options,
      cacheFolder: preparedFolder,
      shownAs: `the dataset ${dataset}`,
      stayWithin: true,
    });
    try {
      if (await keepPrepared(set, keptFolder)) return set;
    } catch (error) {
      await set[Symbol.asyncDispose]();
      throw error;
    }
    await set[Symbol.asyncDispose]();
    if (tries < MAX_TRIES) continue;
    throw new TinctError(
      "unavailable",
      "The photos were changed again and again while they were prepared: submit the job again when " +
        "they are complete.",
    );
  }
}

/** Opens the photos that rank 0 has kept. @throws {TinctError} data_loss where they are not sound. */
export async function openKeptPhotos({ keptFolder }: Places): Promise<PreparedSet> {
  const kept = await openKept(keptFolder);
  if (kept !== undefined) return kept;
  throw new TinctError("data_loss", "The prepared photos of this job are damaged: resume the job.");
}
