import { setTimeout as delay } from "node:timers/promises";
import { TinctError } from "../errors.ts";
import { reading } from "./file_errors.ts";

/** Between two tries; a change of a small file takes some milliseconds. */
const TRY_EVERY_MS = 20;

/** After which a person is told what the program waits for. */
const TELL_AFTER_MS = 500;

/**
 * Takes a folder for this process while it changes a file there, so that of two processes that read,
 * change and replace the file the second reads what the first wrote. The lock is the operating
 * system's (flock), on the folder itself: a file that is replaced cannot bear it, and nothing is left
 * behind. It ends with the process, however that goes. It holds off only those who ask for it, too.
 *
 * @param folder an existing folder.
 * @param options `onWait`: called once where another process has held it for half a second; `signal`
 *   ends the waiting with its reason; `giveUpMs`: the longest wait, 30 s by default.
 * @returns the lock, the caller's to dispose of.
 * @throws {TinctError} unavailable when another process holds it longer; not_found, permission_denied.
 */
export async function lockFolder(
  folder: string,
  { onWait, signal, giveUpMs = 30_000 }: {
    onWait?: (() => void) | undefined;
    signal?: AbortSignal | undefined;
    giveUpMs?: number;
  } = {},
): Promise<Disposable> {
  const file = await reading(folder, Deno.open(folder));
  const startedMs = performance.now();
  let told = false;
  try {
    while (!await file.tryLock(true)) {
      const waitedMs = performance.now() - startedMs;
      if (waitedMs >= giveUpMs) {
        throw new TinctError(
          "unavailable",
          `Another process has been changing a file in ${folder} for ${
            Math.round(waitedMs / 1000)
          } s: end it, or try again.`,
        );
      }
      if (!told && waitedMs >= TELL_AFTER_MS) {
        told = true;
        onWait?.();
      }
      await delay(TRY_EVERY_MS, undefined, signal && { signal });
    }
    return file;
  } catch (error) {
    file.close();
    signal?.throwIfAborted();
    throw error;
  }
}
