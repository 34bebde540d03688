import { join } from "node:path";
import { TinctError } from "../errors.ts";

/**
 * Takes a run folder for this process; the system gives it back when the process is gone, however
 * it went.
 *
 * @throws TinctError `failed_precondition` when another process writes to the run.
 */
export async function lockRun(runFolder: string): Promise<Disposable> {
  const file = await Deno.open(join(runFolder, ".lock"), { create: true, write: true });
  if (await file.tryLock(true)) return file;
  file.close();
  throw new TinctError(
    "failed_precondition",
    `Another process is training in ${runFolder}: wait for it, stop it, or give another --out.`,
  );
}
