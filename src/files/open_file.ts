import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { TinctError } from "../errors.ts";
import { CHUNK_BYTES, type FileDigest } from "./durable_file.ts";
import { reading } from "./file_errors.ts";

/** How a file is opened. */
export interface OpenFileOptions {
  /** Whether a symbolic link is an error (data_loss) instead of being followed. */
  readonly refuseLinks?: boolean;
}

/** A file that is read at positions. Owns its handle. */
export class OpenFile implements AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  #open = true;

  private constructor(path: string, sizeBytes: number, handle: FileHandle) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
  }

  /**
   * Opens a file for reading.
   *
   * @returns the open file; the caller disposes of it.
   * @throws {TinctError} not_found, permission_denied, or data_loss where it is no file.
   */
  static async open(path: string, { refuseLinks = false }: OpenFileOptions = {}) {
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK |
      (refuseLinks ? constants.O_NOFOLLOW : 0);
    const handle = await reading(path, open(path, flags));
    try {
      const stat = await reading(path, handle.stat());
      if (!stat.isFile()) throw new TinctError("data_loss", `${path} is not a file.`);
      return new OpenFile(path, stat.size, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The system's number of it, for libraries that read by it; it stays this object's. */
  get fd(): number {
    return this.#handle.fd;
  }

  /**
   * Fills a buffer with the bytes from a position on.
   *
   * @param signal asked before every 4 MiB.
   * @throws {TinctError} data_loss when the file ends before.
   */
  async read(bytes: Uint8Array, position: number, signal?: AbortSignal): Promise<void> {
    const { path } = this;
    let at = 0;
    while (at < bytes.length) {
      signal?.throwIfAborted();
      const lengthBytes = Math.min(CHUNK_BYTES, bytes.length - at);
      const reads = this.#handle.read(bytes, at, lengthBytes, position + at);
      const { bytesRead } = await reading(path, reads);
      if (bytesRead === 0) {
        throw new TinctError(
          "data_loss",
          `${path} ends at byte ${position + at}: it was cut short.`,
        );
      }
      at += bytesRead;
    }
  }

  /** Hashes the whole file; memory stays at two chunks whatever its size. */
  async digest({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<FileDigest> {
    const hash = createHash("sha256");
    const bufferBytes = Math.min(CHUNK_BYTES, this.sizeBytes);
    let filling = new Uint8Array(bufferBytes);
    let spare = new Uint8Array(bufferBytes);
    let full = filling.subarray(0, 0);
    for (let at = 0; at < this.sizeBytes; at += CHUNK_BYTES) {
      const chunk = filling.subarray(0, Math.min(CHUNK_BYTES, this.sizeBytes - at));
      // The disk works on this chunk while the processor hashes the one before.
      const read = this.read(chunk, at, signal);
      hash.update(full);
      await read;
      full = chunk;
      [filling, spare] = [spare, filling];
    }
    hash.update(full);
    return { sizeBytes: this.sizeBytes, sha256: hash.digest("hex") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
  }
}
