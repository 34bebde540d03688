import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { writing } from "./file_errors.ts";

/** A file's length and its SHA-256 (64 hexadecimal digits). */
export interface FileDigest {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * How much is written, read or hashed at a time: enough for full disk speed, and hashing it holds
 * the event loop for 4 to 8 ms.
 */
export const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * A new file that is hashed while it is written, and is on the disk once `finish` returns.
 * Its creator disposes of it; disposing without `finish` leaves the file as far as it came.
 */
export class DurableFile implements AsyncDisposable {
  /** The path that errors name. */
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  readonly #signal: AbortSignal | undefined;
  #sizeBytes = 0;
  #open = true;

  private constructor(path: string, handle: FileHandle, signal: AbortSignal | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#signal = signal;
  }

  /**
   * Creates the file; one that exists is an error, never overwritten.
   *
   * @param path where it is made.
   * @param options `shownAs`: the path that errors name, where the file is to get another name;
   *   `signal`: asked before every chunk.
   * @throws {TinctError} when the folder is missing or may not be written.
   */
  static async create(
    path: string,
    { shownAs = path, signal }: { shownAs?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<DurableFile> {
    return new DurableFile(shownAs, await writing(shownAs, open(path, "wx")), signal);
  }

  /**
   * Appends bytes, which must not change until the promise settles.
   *
   * @throws the signal's reason, or the system's error (ENOSPC as it is).
   */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      this.#signal?.throwIfAborted();
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      // The disk works while the processor hashes.
      const written = writing(this.path, writeAll(this.#handle, chunk));
      this.#hash.update(chunk);
      await written;
      this.#sizeBytes += chunk.length;
    }
  }

  /** Puts the file on the disk (fsync) and closes it. */
  async finish(): Promise<FileDigest> {
    await writing(this.path, this.#handle.sync());
    await this[Symbol.asyncDispose]();
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest("hex") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/**
 * Puts a folder's entries on the disk: a rename is durable only after this.
 *
 * @throws {TinctError} as `writing`.
 */
export async function syncFolder(path: string): Promise<void> {
  await writing(path, syncPath(path));
}

/**
 * Puts a file, or a folder's entries, on the disk, for callers with sentences of their own.
 *
 * @throws the system's errors as they are.
 */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
