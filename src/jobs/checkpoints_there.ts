import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemErrorName } from "../files/file_errors.ts";
import type { Checkpoint } from "./job_event.ts";
import type { Store } from "./store.ts";

/** How long, and how often, news of checkpoints is waited for. */
const TRIES = 20, PAUSE_MS = 50;

/**
 * The recorded checkpoints of a job whose files are there, by step. A run that keeps few replaces
 * them before the news of it has come here; where none of those recorded is left, it is on its way.
 *
 * @throws {TinctError} not_found: no such job.
 */
export async function checkpointsThere(
  store: Store,
  dataFolder: string,
  jobId: string,
): Promise<readonly Checkpoint[]> {
  for (let tries = 1;; tries++) {
    const recorded = await store.events.checkpoints(jobId);
    const there: Checkpoint[] = [];
    for (const each of recorded) {
      if (await isFolder(join(dataFolder, each.path))) there.push(each);
    }
    if (there.length > 0 || recorded.length === 0 || tries === TRIES) return there;
    await pause(PAUSE_MS);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return false;
    throw error;
  }
}
