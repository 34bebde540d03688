import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isFolder } from "../files/folder_tree.ts";
import { systemErrorName } from "../files/file_errors.ts";
import type { Checkpoint } from "../jobs/job_event.ts";
import type { Store } from "../jobs/store.ts";

/** How long, and how often, news of checkpoints is waited for. */
const TRIES = 20, PAUSE_MS = 50;

/** A checkpoint that was looked for among those of a job. */
interface LookedFor {
  readonly found: Checkpoint | undefined;
  /** Where it was not found: all whose files are there, by step. */
  readonly there: readonly Checkpoint[];
}

/**
 * Finds a recorded checkpoint of a job whose files are there. A run that keeps few replaces them
 * before the news of it has come here: it is on its way where none of those recorded is left, or where
 * the one that is wanted first has gone while the job runs. Else a name could come to mean an older one.
 *
 * @param prefer picks those that will do, the last of them first: where its files are there, no
 *   others are looked at.
 * @throws {TinctError} not_found: no such job.
 */
export async function findThere(
  store: Store,
  dataFolder: string,
  jobId: string,
  prefer: (checkpoints: readonly Checkpoint[]) => readonly Checkpoint[],
): Promise<LookedFor> {
  const isThere = ({ path }: Checkpoint) => leadsToFolder(join(dataFolder, path));
  for (let tries = 1;; tries++) {
    const recorded = await store.events.checkpoints(jobId);
    const wanted = prefer(recorded).toReversed();
    const found = await firstOf(wanted, isThere);
    if (found !== undefined) {
      const isReplaced = found !== wanted[0] && await isRunning(store, jobId);
      if (!isReplaced || tries === TRIES) return { found, there: [] };
    } else {
      const there: Checkpoint[] = [];
      for (const each of recorded) if (await isThere(each)) there.push(each);
      const isOver = there.length > 0 || recorded.length === 0 || tries === TRIES;
      if (isOver) return { found: prefer(there).at(-1), there };
    }
    await pause(PAUSE_MS);
  }
}

/** The first for which it holds; those after it are not looked at. */
async function firstOf<T>(all: readonly T[], holds: (each: T) => Promise<boolean>) {
  for (const each of all) if (await holds(each)) return each;
  return undefined;
}

async function isRunning(store: Store, jobId: string): Promise<boolean> {
  return (await store.jobs.get(jobId)).state === "RUNNING";
}

async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return await isFolder(path);
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return false;
    throw error;
  }
}
