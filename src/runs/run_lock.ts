import { dirname, join } from "node:path";
import { diskFull, isDiskFull, writing } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";

/**
 * Takes a run folder for this process; the system gives it back when the process is gone, however
 * it went.
 *
 * @throws TinctError `failed_precondition` when another process writes to the run,
 *   `permission_denied` or `resource_exhausted` when the folder cannot be written to.
 */
export async function lockRun(runFolder: string): Promise<Disposable> {
  const path = join(runFolder, ".lock");
  const file = await openForWriting(path);
  if (await file.tryLock(true)) return file;
  file.close();
  throw new TinctError(
    "failed_precondition",
    `Another process is training in ${runFolder}: wait for it, stop it, or give another --out.`,
  );
}

async function openForWriting(path: string): Promise<Deno.FsFile> {
  try {
    return await writing(path, Deno.open(path, { create: true, write: true }));
  } catch (error) {
    throw isDiskFull(error) ? await diskFull(path, dirname(path), error) : error;
  }
}
