import { constants } from "node:fs";
import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { openPrepared, preparedPaths, type PreparedSet } from "./prepared_set.ts";
import { cacheError } from "./prepared_writer.ts";
import { syncPath } from "../files/durable_file.ts";
import { systemErrorName } from "../files/file_errors.ts";
import { uniqueEnding } from "../files/temporary_names.ts";

/** The files' name in the folder of a kept set, without extension. */
const BASE = "photos";

/**
 * Keeps a prepared set beyond what becomes of the cache that it lies in and of the photos that it was
 * made from. Its files get second names (hard links), which take no room; where the file system has
 * none they are copied.
 *
 * @param folder to be made, whole or not at all; one that is there is replaced.
 * @returns false where the cache has lost the set meanwhile: prepare it again.
 * @throws {TinctError} as `preparePhotos` does of the cache folder.
 */
export async function keepPrepared(set: PreparedSet, folder: string): Promise<boolean> {
  const from = preparedPaths(dirname(set.path), basename(set.path, ".rgb"));
  // A name that tidying a run's folder knows: see src/files/temporary_names.ts.
  const temporary = join(dirname(folder), `.${basename(folder)}.tmp-${uniqueEnding()}`);
  const to = preparedPaths(temporary, BASE);
  try {
    await mkdir(temporary, { recursive: true });
    await linkOrCopy(from.pixels, to.pixels);
    await linkOrCopy(from.manifest, to.manifest);
    await syncPath(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await syncPath(dirname(folder));
    return true;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (systemErrorName(error) === "ENOENT") return false;
    throw cacheError(error, folder, 0);
  }
}

/**
 * Opens a set that was kept.
 *
 * @returns undefined when it is not there or not sound.
 * @throws {TinctError} permission_denied.
 */
export async function openKept(folder: string): Promise<PreparedSet | undefined> {
  return await openPrepared(folder, BASE);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!["EPERM", "EXDEV", "EMLINK", "ENOTSUP", "ENOSYS"].includes(systemErrorName(error))) {
      throw error;
    }
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await syncPath(to);
  }
}
