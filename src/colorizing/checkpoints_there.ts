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
 * before the news of it has come here; where none of those recorded is left, it is on its way.
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
    for (const each of prefer(recorded).toReversed()) {
      if (await isThere(each)) return { found: each, there: [] };
    }
    const there: Checkpoint[] = [];
    for (const each of recorded) if (await isThere(each)) there.push(each);
    const isOver = there.length > 0 || recorded.length === 0 || tries === TRIES;
    if (isOver) return { found: prefer(there).at(-1), there };
    await pause(PAUSE_MS);
  }
}

async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return await isFolder(path);
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return false;
    throw error;
  }
}
