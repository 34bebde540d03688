import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { freeBytes } from "../files/free_bytes.ts";
import { messageOf, TinctError } from "../errors.ts";
import { neededAndThere } from "../words.ts";
import { formatManifest, type Manifest } from "./prepared_manifest.ts";
import { preparedPaths, PreparedSet } from "./prepared_set.ts";
import { syncPath } from "../files/durable_file.ts";
import { fullness, systemErrorName } from "../files/file_errors.ts";
import { uniqueEnding } from "../files/temporary_names.ts";

const TEMPORARY_NAME = /^\.preparing-\d+-[0-9a-f]{8}$/;

/** A temporary file nobody has written to for this long belongs to a process that has died. */
const ABANDONED_MS = 60 * 60 * 1000;

/**
 * A prepared set while it is written: a hidden temporary file, which becomes visible whole when it
 * is published. Disposing of it unpublished removes the file.
 */
export class PreparedWriter implements AsyncDisposable {
  readonly #cacheFolder: string;
  readonly #temporary: string;
  readonly #bytesNeeded: number;
  #handle: FileHandle | undefined;
  #sizeBytes = 0;

  private constructor(cacheFolder: string, temporary: string, bytesNeeded: number) {
    this.#cacheFolder = cacheFolder;
    this.#temporary = temporary;
    this.#bytesNeeded = bytesNeeded;
  }

  /**
   * Makes the cache folder if need be, removes what dead processes left unfinished there, and begins.
   *
   * @param bytesNeeded the most that will be written.
   * @throws {TinctError} resource_exhausted when there is no room for it, permission_denied.
   */
  static async create(cacheFolder: string, bytesNeeded: number): Promise<PreparedWriter> {
    const name = `.preparing-${uniqueEnding()}`;
    const writer = new PreparedWriter(cacheFolder, join(cacheFolder, name), bytesNeeded);
    await writer.#writing(async () => {
      await mkdir(cacheFolder, { recursive: true });
      await removeAbandoned(cacheFolder);
    });
    await requireRoom(cacheFolder, bytesNeeded);
    await writer.#writing(async () => {
      // For reading too: the published set goes on with this handle.
      writer.#handle = await open(writer.#temporary, "wx+");
    });
    return writer;
  }

  /** Appends pixels, which must not change until the promise settles. One call at a time. */
  async append(pixels: Uint8Array): Promise<void> {
    const handle = this.#handle;
    if (!handle) throw new TypeError("The writer is closed.");
    await this.#writing(async () => {
      for (let at = 0; at < pixels.length;) {
        const left = pixels.length - at;
        const { bytesWritten } = await handle.write(pixels, at, left, this.#sizeBytes);
        at += bytesWritten;
        this.#sizeBytes += bytesWritten;
      }
    });
  }

  /**
   * Puts the pixels on the disk under their name, then the manifest, each whole or not at all.
   * Another process that publishes the same set at the same time replaces it by its equal.
   *
   * @param base the files' name without extension.
   * @returns the set, open; the caller's to dispose of.
   */
  async publish(base: string, manifest: Manifest): Promise<PreparedSet> {
    const handle = this.#handle;
    if (!handle) throw new TypeError("The writer is closed.");
    const paths = preparedPaths(this.#cacheFolder, base);
    await this.#writing(async () => {
      await handle.sync();
      await rename(this.#temporary, paths.pixels);
      await replaceFile(paths.manifest, formatManifest(manifest));
    });
    this.#handle = undefined;
    return new PreparedSet(handle, paths.pixels, manifest, false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    if (!handle) return;
    this.#handle = undefined;
    await handle.close();
    await rm(this.#temporary, { force: true });
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw cacheError(error, this.#cacheFolder, this.#bytesNeeded);
    }
  }
}

/**
 * Writes a small file so that its path holds the old content or the new, durably.
 *
 * @throws the system's errors as they are; nothing is left behind.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const folder = join(path, "..");
  const name = `.preparing-${uniqueEnding()}`;
  const temporary = join(folder, name);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncPath(folder);
}

/**
 * Refuses to begin what cannot end well.
 *
 * @param folder an existing folder on the disk in question.
 * @throws {TinctError} resource_exhausted when less than `bytes` are free there.
 */
export async function requireRoom(folder: string, bytes: number): Promise<void> {
  const free = await knownFreeBytes(folder);
  if (free !== undefined && bytes > free) throw noRoom(folder, bytes, free);
}

/** What a failure in the cache folder means to a person; anything unknown is given back as it is. */
export function cacheError(error: unknown, folder: string, bytesNeeded: number): unknown {
  switch (systemErrorName(error)) {
    case "ENOSPC": // the disk
    case "EDQUOT": // the user's share of it
    case "EFBIG": // the process's limit on a file
      return noRoom(folder, bytesNeeded, undefined, error);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOENT":
    case "ENOTDIR":
    case "EEXIST":
      return new TinctError(
        "permission_denied",
        `The cache folder ${folder} cannot be used (${messageOf(error)}); choose another one.`,
        { cause: error },
      );
    default:
      return error;
  }
}

function noRoom(
  folder: string,
  bytes: number,
  free: number | undefined,
  cause?: unknown,
): TinctError {
  const [needed, there] = neededAndThere(bytes, free ?? 0);
  const { what, wayOut } = fullness(cause);
  const left = free === undefined ? lowerFirst(what) : `only ${there} are free there`;
  return new TinctError(
    "resource_exhausted",
    `The prepared photos need up to ${needed} in ${folder}, and ${left}; ` +
      `${wayOut}, choose another cache folder or a smaller size.`,
    { cause },
  );
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

async function knownFreeBytes(folder: string): Promise<number | undefined> {
  try {
    return await freeBytes(folder);
  } catch {
    // Some file systems, and a process without the permission, cannot say. A full disk is then
    // noticed when it is full.
    return undefined;
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!TEMPORARY_NAME.test(name)) continue;
    const path = join(folder, name);
    if (Date.now() - (await lastWritten(path)) > ABANDONED_MS) await rm(path, { force: true });
  }
}

async function lastWritten(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    // Its owner has just finished with it.
    if (systemErrorName(error) === "ENOENT") return Date.now();
    throw error;
  }
}
