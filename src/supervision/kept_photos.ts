import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runFolder } from "../files/data_folder.ts";
import type { Job } from "../jobs/job.ts";
import { isTerminal } from "../jobs/job_state.ts";
import { dropHeldWeights } from "../weights/held_weights.ts";

/** The folder's name in a job's run. */
const KEPT = "prepared";

/**
 * Where a job keeps the prepared photos that it began with, so that a worker that takes over trains
 * on the same ones, whatever has become of the dataset. The folder is there whole or not at all.
 */
export function keptFolder(dataFolder: string, jobId: string): string {
  return join(runFolder(dataFolder, jobId), KEPT);
}

/** Whether a job can do without its dataset. */
export function hasKeptPhotos(dataFolder: string, jobId: string): boolean {
  return existsSync(keptFolder(dataFolder, jobId));
}

/**
 * Removes what a job has kept that is over, photos and weights, and what a worker that was killed had
 * begun to keep.
 */
export async function dropKeptPhotos(
  dataFolder: string,
  { id, state }: Pick<Job, "id" | "state">,
): Promise<void> {
  if (!isTerminal(state)) return;
  await dropHeldWeights(dataFolder, id);
  const run = runFolder(dataFolder, id);
  for (const name of existsSync(run) ? await readdir(run) : []) {
    if (name !== KEPT && !name.startsWith(`.${KEPT}.tmp-`)) continue;
    await rm(join(run, name), { recursive: true, force: true });
  }
}
