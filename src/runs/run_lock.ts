import { dirname, join } from "node:path";
import { pauseUnlessAborted } from "../abort.ts";
import { diskFull, isDiskFull, writing } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";

/** How often a run is tried for that another process has: milliseconds. */
const TRY_EVERY_MS = 100;

/**
 * Takes a run folder as `lockRun` does, and waits where another process has it.
 *
 * @param options `onWait`: called once, where there is something to wait for; `signal`: ends the waiting
 *   with its reason.
 */
export async function waitForRun(
  runFolder: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: () => void },
): Promise<Disposable> {
  const file = await openForWriting(lockFileOf(runFolder));
  try {
    for (let tries = 1; !await file.tryLock(true); tries++) {
      if (tries === 1) onWait();
      if (!await pauseUnlessAborted(TRY_EVERY_MS, signal)) signal.throwIfAborted();
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Takes a run folder for this process; the system gives it back when the process is gone, however
 * it went.
 *
 * @throws TinctError `failed_precondition` when another process writes to the run,
 *   `permission_denied` or `resource_exhausted` when the folder cannot be written to.
 */
export async function lockRun(runFolder: string): Promise<Disposable> {
  const file = await openForWriting(lockFileOf(runFolder));
  if (await file.tryLock(true)) return file;
  file.close();
  throw new TinctError(
    "failed_precondition",
    `Another process is training in ${runFolder}: wait for it, stop it, or give another --out.`,
  );
}

function lockFileOf(runFolder: string): string {
  return join(runFolder, ".lock");
}

async function openForWriting(path: string): Promise<Deno.FsFile> {
  try {
    return await writing(path, Deno.open(path, { create: true, write: true }));
  } catch (error) {
    throw isDiskFull(error) ? await diskFull(path, dirname(path), error) : error;
  }
}
