import { join } from "node:path";
import { ensureFolder } from "../files/make_folder.ts";
import { foldersIn, removeTree } from "../files/folder_tree.ts";
import { listPins, unpinCheckpoint } from "../checkpoints/pins.ts";
import { CHECKPOINTS_FOLDER } from "../checkpoints/run_folder.ts";
import {
  modelPath,
  modelsFolder,
  runFolder,
  runsFolder,
  uploadsFolder,
  weightsFolder,
} from "../files/data_folder.ts";
import { pathExists, removeLeftovers } from "../files/temporary_names.ts";
import { TinctError } from "../errors.ts";
import { isTerminal } from "../jobs/job_state.ts";
import { dropKeptPhotos } from "../supervision/kept_photos.ts";
import type { Store } from "../jobs/store.ts";
import type { DatasetFolders } from "../datasets/dataset_folders.ts";
import { settleRemovals } from "../files/remove_known.ts";
import { settleImports } from "../importing/settle_imports.ts";
import { removeSocketFolders, socketFoldersOfOthers } from "../fleet/worker_hub.ts";
import { HeldLease } from "../leases/held_lease.ts";
import { settleHeldWeights } from "../weights/held_weights.ts";

/** Beginning of the name under which a promotion holds its checkpoint. */
export const PROMOTION = "promotion-";

/**
 * Tidies the data folder as `tidyDataFolder` does, before clients are answered. Where servers share the
 * folder, one at a time does so, and only where no other server lives: what looks half done may be what that
 * one is doing. To be called when this server has its own lease, so that those that start later see it.
 *
 * @param options `isAlone`: whether no other server had the folder at the start; `signal`: ends the wait for
 *   the one that tidies up.
 */
export async function tidyAtStart(
  { isAlone = false, signal, ...options }: Parameters<typeof tidyDataFolder>[0] & {
    readonly isAlone?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { store, dataFolder } = options;
  if (!store.isShared) return await tidyDataFolder(options);
  await using lease = await HeldLease.wait(store, "tidy", {
    signal: signal ?? new AbortController().signal,
  });
  if (!isAlone) return;
  // One that has come since has its lease before its socket, so none of these is of one that lives.
  const left = await socketFoldersOfOthers(dataFolder, store.owner);
  const held = await store.leases.held("server/");
  if (held.some(({ holder }) => holder !== store.owner)) return;
  await removeSocketFolders(left);
  await tidyDataFolder({ ...options, lease });
}

/**
 * Tidies up after a server that was killed in the midst of a submission, an upload, a promotion, an
 * import or a deletion: what was half done goes, what was acknowledged stays. To be called before clients
 * are answered. A folder that the store merely does not know is left alone: the store may
 * have been brought back from a copy.
 *
 * @param dataFolder absolute.
 * @param lease where servers share the folder: others come in when it is over, and then this ends.
 */
export async function tidyDataFolder(
  { store, datasets, dataFolder, lease }: {
    readonly store: Store;
    readonly datasets: DatasetFolders;
    readonly dataFolder: string;
    readonly lease?: HeldLease;
  },
): Promise<void> {
  const jobs = runsFolder(dataFolder);
  const models = modelsFolder(dataFolder);
  const uploads = uploadsFolder(dataFolder);
  const weights = weightsFolder(dataFolder);
  for (const folder of [jobs, models, uploads, weights]) await ensureFolder(folder);
  await settleRemovals(jobs, (name) => isThere(store.jobs.get(name)));
  await settleRemovals(models, (name) => isThere(store.models.get(name)));
  await settleRemovals(uploads, (name) => isThere(store.datasets.get(name)));
  await removeLeftovers(weights);
  for (const name of await foldersIn(uploads)) {
    lease?.requireHeld();
    if (await isThere(store.datasets.get(name))) await datasets.upload(name).tidy();
  }
  await settleHeldWeights(dataFolder, async (jobId) => {
    const job = await store.jobs.get(jobId).catch(orUndefined);
    return job !== undefined && !isTerminal(job.state);
  });
  lease?.requireHeld();
  for (const name of await foldersIn(models)) await removeLeftovers(join(models, name));
  await settleImports(store, dataFolder);
  for (const jobId of await foldersIn(jobs)) {
    lease?.requireHeld();
    await dropPins(store, dataFolder, jobId);
    const job = await store.jobs.get(jobId).catch(orUndefined);
    // A worker tidies the run that it goes on with, and may be about to.
    if (job === undefined || !(isTerminal(job.state) || job.state === "PAUSED")) continue;
    const checkpoints = join(jobs, jobId, CHECKPOINTS_FOLDER);
    if (await pathExists(checkpoints)) await removeLeftovers(checkpoints);
    await dropKeptPhotos(dataFolder, job);
  }
}

/** Gives up what promotions and submissions held that came to nothing, and what they had made. */
async function dropPins(store: Store, dataFolder: string, jobId: string): Promise<void> {
  const run = runFolder(dataFolder, jobId);
  for (const { step, holder } of await listPins(run)) {
    if (holder.startsWith(PROMOTION)) await dropPromotion(store, dataFolder, jobId, step);
    else if (!holder.startsWith("job-") || await isThere(store.jobs.get(holder))) continue;
    await unpinCheckpoint(run, step, holder);
  }
}

/** Removes copies of a checkpoint that were made for a version which never came. */
async function dropPromotion(
  store: Store,
  dataFolder: string,
  jobId: string,
  step: number,
): Promise<void> {
  for (const name of await foldersIn(modelsFolder(dataFolder))) {
    for (const path of promotionPaths(name, jobId, step)) {
      const folder = join(dataFolder, path);
      if (!(await pathExists(folder)) || (await store.models.at(path)).length > 0) continue;
      await removeTree(folder);
    }
  }
}

/** Where copies of a checkpoint lie that are versions of a model, relative to the data folder. */
export function promotionPaths(
  name: string,
  jobId: string,
  step: number,
): readonly [raw: string, ema: string] {
  const path = `${modelPath(name)}/${jobId}-${step}`;
  return [path, `${path}-ema`];
}

async function isThere(found: Promise<object>): Promise<boolean> {
  return await found.catch(orUndefined) !== undefined;
}

/** What the store does not know is undefined; other errors are thrown. */
function orUndefined(error: unknown): undefined {
  if (error instanceof TinctError && ["not_found", "invalid_argument"].includes(error.code)) {
    return undefined;
  }
  throw error;
}
