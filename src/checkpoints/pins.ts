import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { syncFolder } from "../files/durable_file.ts";
import { reading, writing } from "../files/file_errors.ts";
import { CHECKPOINTS_FOLDER, stepFolderName, stepOfFolder } from "./run_folder.ts";
import { pathExists } from "../files/temporary_names.ts";

const PIN_NAME = /^(.+)\.pin-([A-Za-z0-9_-]+)$/;
const HOLDER = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Keeps a checkpoint from being removed, by this process or another, until `unpinCheckpoint`. A pin
 * is an empty file beside the checkpoint's folder, so it outlives the process that set it; setting
 * it twice is the same as once. A later save of the same step still replaces the checkpoint.
 *
 * @param runFolder the run.
 * @param step the checkpoint's step.
 * @param holder who needs it: 1 to 64 letters, digits, `-` or `_`; each holder has a pin of its own.
 * @throws {TinctError} not_found when the run has no such checkpoint.
 * @throws {RangeError} when the holder's name is none.
 */
export async function pinCheckpoint(
  runFolder: string,
  step: number,
  holder: string,
): Promise<void> {
  const path = pinPath(runFolder, step, holder);
  const folder = join(runFolder, CHECKPOINTS_FOLDER, stepFolderName(step));
  const missing = () => new TinctError("not_found", `${folder} does not exist.`);
  if (!(await pathExists(folder))) throw missing();
  await writeFileAtomically(path, "");
  // The removal hides the folder first and asks for pins afterwards. So if it is still there now,
  // it stays.
  if (await pathExists(folder)) return;
  await unpinCheckpoint(runFolder, step, holder);
  throw missing();
}

/** Gives up a pin; one that is not set is no error. The next save may remove the checkpoint. */
export async function unpinCheckpoint(
  runFolder: string,
  step: number,
  holder: string,
): Promise<void> {
  const path = pinPath(runFolder, step, holder);
  if (!(await pathExists(path))) return;
  await writing(path, rm(path, { force: true }));
  await syncFolder(join(runFolder, CHECKPOINTS_FOLDER));
}

/** The steps that somebody holds. */
export async function pinnedSteps(runFolder: string): Promise<Set<number>> {
  return new Set((await listPins(runFolder)).map(({ step }) => step));
}

/** A pin that is set. */
interface Pin {
  readonly step: number;
  readonly holder: string;
}

/** All pins of a run; none where it has no checkpoints yet. */
export async function listPins(runFolder: string): Promise<readonly Pin[]> {
  const folder = join(runFolder, CHECKPOINTS_FOLDER);
  if (!(await pathExists(folder))) return [];
  const names = await reading(folder, readdir(folder));
  return names.flatMap((name) => {
    const [, folder = "", holder] = PIN_NAME.exec(name) ?? [];
    const step = stepOfFolder(folder);
    return step === undefined || holder === undefined ? [] : [{ step, holder }];
  });
}

function pinPath(runFolder: string, step: number, holder: string): string {
  if (!HOLDER.test(holder)) throw new RangeError(`a pin cannot be held by ${holder}`);
  return join(runFolder, CHECKPOINTS_FOLDER, `${stepFolderName(step)}.pin-${holder}`);
}
