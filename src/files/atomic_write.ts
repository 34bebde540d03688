import { link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TinctError } from "../errors.ts";
import { DurableFile, type FileDigest, syncFolder } from "./durable_file.ts";
import { diskFull, isDiskFull, systemErrorName, writing } from "./file_errors.ts";
import { pathExists, TemporaryName } from "./temporary_names.ts";

/**
 * For tests: called between the steps of writing with the name of the step that was just taken. It
 * may throw, or end the process, to show what a failure there leaves behind.
 */
export type Failpoint = (step: string) => void | Promise<void>;

/** Options of everything that writes. */
export interface WriteOptions {
  /** Stops the writing before the next chunk; nothing is left behind, and its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** For tests. */
  readonly failpoint?: Failpoint | undefined;
}

/** Options of writing a file. */
interface FileWriteOptions extends WriteOptions {
  /** Called with the file's hidden name when its content is on the disk, before it is seen. */
  readonly beforeRename?: ((path: string) => Promise<void>) | undefined;
  /**
   * Whether a file that is there is replaced; true when left out. Where not, one that appears meanwhile
   * is not either, as far as the file system has hard links.
   */
  readonly replaces?: boolean | undefined;
}

/** Options of writing a folder. */
interface FolderWriteOptions extends WriteOptions {
  /**
   * Whether a folder that is there is replaced; true when left out. Where not, nothing that appears
   * meanwhile is replaced either, but an empty folder.
   */
  readonly replaces?: boolean | undefined;
}

/** What fills a file: its bytes, its text, or a function that writes to it piece by piece. */
export type FileContent = Uint8Array | string | ((file: DurableFile) => Promise<void>);

/**
 * Writes a file so that its path always holds either what was there before or all of the new
 * content, durably: a hidden file beside it, fsync, rename, fsync of the folder.
 *
 * @returns the length and SHA-256 of what was written.
 * @throws {TinctError} resource_exhausted when the disk is full, permission_denied, not_found,
 *   already_exists.
 */
export async function writeFileAtomically(
  path: string,
  content: FileContent,
  { signal, failpoint, beforeRename, replaces = true }: FileWriteOptions = {},
): Promise<FileDigest> {
  using temporary = new TemporaryName(path, "tmp");
  try {
    const digest = await writeNewFile(temporary.path, path, content, { signal, failpoint });
    await beforeRename?.(temporary.path);
    if (replaces || !(await appear(temporary.path, path))) {
      await writing(path, rename(temporary.path, path));
    }
    await failpoint?.("file renamed");
    await syncFolder(dirname(temporary.path));
    return digest;
  } catch (error) {
    throw await cleanUp(temporary.path, path, error);
  }
}

/** A folder that is being written; its files become visible together. */
interface FolderWriter {
  /**
   * Writes one file of the folder and puts it on the disk.
   *
   * @param name a plain file name, or one in a folder of the folder, "1/model.onnx".
   */
  writeFile(name: string, content: FileContent): Promise<FileDigest>;
}

/**
 * Writes a folder so that it appears whole or not at all, durably: a hidden folder beside it, fsync
 * of every file and of the folder, rename, fsync of the parent. An existing folder of that name is
 * replaced; dying between the two renames that this takes leaves it under a hidden name, from which
 * `removeLeftovers` brings it back.
 *
 * @param path the folder; its parent must exist.
 * @param fill writes the files; what it throws is passed on after the unfinished folder is removed.
 * @returns what `fill` returns.
 * @throws {TinctError} resource_exhausted when the disk is full, permission_denied, not_found,
 *   already_exists.
 */
export async function writeFolderAtomically<T>(
  path: string,
  fill: (folder: FolderWriter) => Promise<T>,
  { signal, failpoint, replaces = true }: FolderWriteOptions = {},
): Promise<T> {
  using temporary = new TemporaryName(path, "tmp");
  using old = new TemporaryName(path, "old");
  try {
    await writing(path, mkdir(temporary.path));
    await failpoint?.("folder made");
    const filled = await fill({
      writeFile: async (name, content) => {
        const inner = dirname(join(temporary.path, name));
        if (inner !== temporary.path) await writing(path, mkdir(inner, { recursive: true }));
        const digest = await writeNewFile(join(temporary.path, name), join(path, name), content, {
          signal,
          failpoint: failpoint && ((step) => failpoint(`${name}: ${step}`)),
        });
        if (inner !== temporary.path) await syncFolder(inner);
        return digest;
      },
    });
    await syncFolder(temporary.path);
    await failpoint?.("folder synced");
    signal?.throwIfAborted();
    const isAside = replaces && await moveAside(path, old.path);
    if (isAside) await failpoint?.("old folder moved aside");
    if (replaces) await writing(path, rename(temporary.path, path));
    else await appearAsFolder(temporary.path, path);
    await failpoint?.("folder renamed");
    await syncFolder(dirname(temporary.path));
    await failpoint?.("parent synced");
    if (isAside) await writing(old.path, rm(old.path, { recursive: true }));
    return filled;
  } catch (error) {
    throw await cleanUp(temporary.path, path, error, old.path);
  }
}

/**
 * Moves a folder that is whole and on the disk to a place in the same file system. What has the place
 * is replaced as `writeFolderAtomically` replaces it, and keeps the place where the moving fails.
 *
 * @param to the place; its parent must exist.
 * @throws {TinctError} not_found, permission_denied.
 */
export async function replaceFolder(from: string, to: string): Promise<void> {
  using old = new TemporaryName(to, "old");
  const isAside = await moveAside(to, old.path);
  try {
    await writing(from, rename(from, to));
  } catch (error) {
    if (isAside) await writing(to, rename(old.path, to));
    throw error;
  }
  await syncFolder(dirname(to));
  if (isAside) await writing(old.path, rm(old.path, { recursive: true }));
}

/**
 * Removes a folder so that it is never seen half removed: it is given a hidden name first.
 *
 * @param options `stillUnwanted`: asked after the renaming; when it says no, the folder is put back.
 * @returns whether the folder is gone.
 * @throws {TinctError} not_found, permission_denied.
 */
export async function removeFolderAtomically(
  path: string,
  { failpoint, stillUnwanted }: {
    failpoint?: Failpoint | undefined;
    stillUnwanted?: () => Promise<boolean>;
  } = {},
): Promise<boolean> {
  using temporary = new TemporaryName(path, "tmp");
  await writing(path, rename(path, temporary.path));
  if (stillUnwanted && !(await stillUnwanted())) {
    await writing(path, rename(temporary.path, path));
    return false;
  }
  await failpoint?.("folder hidden");
  await syncFolder(dirname(temporary.path));
  await writing(path, rm(temporary.path, { recursive: true }));
  await failpoint?.("folder removed");
  return true;
}

/**
 * Gives a file its name unless something has that name.
 *
 * @returns false where the file system cannot.
 * @throws {TinctError} already_exists.
 */
export async function appear(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
  } catch (error) {
    const name = systemErrorName(error);
    if (["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"].includes(name)) return false;
    if (name !== "EEXIST") return await writing(path, Promise.reject(error));
    throw new TinctError("already_exists", `${path} exists already.`, { cause: error });
  }
  await writing(path, rm(temporary));
  return true;
}

/**
 * Gives a folder its name unless something other than an empty folder has that name.
 *
 * @throws {TinctError} already_exists.
 */
async function appearAsFolder(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(systemErrorName(error))) {
      return await writing(path, Promise.reject(error));
    }
    throw new TinctError("already_exists", `${path} exists already.`, { cause: error });
  }
}

async function writeNewFile(
  path: string,
  shownAs: string,
  content: FileContent,
  { signal, failpoint }: WriteOptions,
): Promise<FileDigest> {
  await using file = await DurableFile.create(path, { shownAs, signal });
  await failpoint?.("file made");
  if (typeof content === "function") await content(file);
  else await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  await failpoint?.("file written");
  const digest = await file.finish();
  await failpoint?.("file synced");
  return digest;
}

async function moveAside(path: string, old: string): Promise<boolean> {
  try {
    await rename(path, old);
    return true;
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return false;
    return await writing(path, Promise.reject(error));
  }
}

/**
 * Removes what is unfinished, brings back what was moved aside, and gives the error to throw.
 */
async function cleanUp(
  temporary: string,
  path: string,
  error: unknown,
  old?: string,
): Promise<unknown> {
  try {
    await rm(temporary, { recursive: true, force: true });
    if (old && (await pathExists(old)) && !(await pathExists(path))) await rename(old, path);
  } catch {
    // What made the writing fail is what must be told; removeLeftovers tries again later.
  }
  return isDiskFull(error) ? await diskFull(path, dirname(temporary), error) : error;
}
