import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, TinctError } from "../errors.ts";
import type { Unreadable } from "../images/photo_folder.ts";
import { type Manifest, type ManifestLooks, parseManifest } from "./prepared_manifest.ts";
import { systemErrorName } from "../files/file_errors.ts";

/** What became of a folder's photos. */
interface PhotoReport {
  /** Photos found by name; each is in the set, unreadable or gray. */
  readonly listed: number;
  /** Photos and folders that could not be read, with the reason to be read on after the name. */
  readonly unreadable: readonly Unreadable[];
  /** Names of the gray ones. */
  readonly gray: readonly string[];
}

/** Rows of pixels by number: what batches are made of. */
export interface PhotoRows {
  /** How many pictures there are. */
  readonly count: number;
  /** Pixels along a side. */
  readonly size: number;
  /** See PreparedSet.readInto. */
  readInto(indices: ArrayLike<number>, out: Uint8Array): Promise<void>;
}

/** Bytes of one picture of uint8 RGB. */
export function bytesPerPicture(size: number): number {
  return size * size * 3;
}

/**
 * Pictures that were decoded, resized and written to one file of uint8 RGB, opened for reading. It
 * keeps the file open until it is disposed of; the file's memory is the system's page cache.
 */
export class PreparedSet implements PhotoRows, AsyncDisposable {
  readonly count: number;
  readonly size: number;
  /** SHA-256 over all that the pixels depend on: equal keys, equal pixels. */
  readonly key: string;
  /** The pictures' names: for photos their paths below the folder. */
  readonly names: readonly string[];
  /** What tells a picture's content apart; for photos the SHA-256 of their files. */
  readonly ids: readonly string[];
  readonly report: PhotoReport;
  /** How pixels were made of a photo: equal numbers and ids, equal pixels. */
  readonly algorithm: number;
  /** What is known of the photos themselves; undefined for generated pictures and old sets. */
  readonly looks: ManifestLooks | undefined;
  /** Where the pixels lie. */
  readonly path: string;
  /** Whether the file was there from an earlier run. */
  readonly isReused: boolean;
  readonly #handle: FileHandle;
  readonly #manifest: Manifest;
  /** Where each picture lies in the file; undefined: in its own place. */
  readonly #rows: Uint32Array | undefined;
  readonly #reads = new Set<Promise<void>>();
  #isOpen = true;

  /**
   * @param handle the pixel file, open for reading; the set owns it from here on.
   * @param rows where each picture lies in the file; undefined: in its own place.
   */
  constructor(
    handle: FileHandle,
    path: string,
    manifest: Manifest,
    isReused: boolean,
    rows?: Uint32Array,
  ) {
    const { key, size, names, ids, listed, unreadable, gray, algorithm = 1, looks } = manifest;
    this.#handle = handle;
    this.#manifest = manifest;
    this.#rows = rows;
    this.algorithm = algorithm;
    this.path = path;
    this.isReused = isReused;
    this.key = key;
    this.size = size;
    this.count = names.length;
    this.names = names;
    this.ids = ids;
    this.report = { listed, unreadable, gray };
    this.looks = looks;
  }

  /**
   * The same pictures under another key and in another order. It reads from this set's file: this set
   * is disposed of after its last use, it never.
   *
   * @param order for each picture its number here; undefined: the same order.
   */
  seenAs(key: string, order: Uint32Array | undefined): PreparedSet {
    const permuted = <T>(values: readonly T[]) =>
      order === undefined ? values : Array.from(order, (index) => values[index]!);
    const { looks } = this.#manifest;
    const manifest = {
      ...this.#manifest,
      key,
      names: permuted(this.names),
      ids: permuted(this.ids),
      looks: looks && {
        fingerprints: permuted(looks.fingerprints),
        shortSides: permuted(looks.shortSides),
      },
    };
    return new PreparedSet(this.#handle, this.path, manifest, this.isReused, order);
  }

  /**
   * Reads pictures into memory, in the order asked for; neighbours are read at one go. Any number of
   * reads may run at the same time.
   *
   * @param indices which ones, 0 to count - 1, repeated at will.
   * @param out exactly the memory for them, [indices.length, size, size, 3]; the caller's, and full
   *   once the promise resolves.
   * @throws {RangeError} for an index out of range or `out` of another length.
   * @throws {TinctError} data_loss when the file fails to read.
   */
  async readInto(indices: ArrayLike<number>, out: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new TypeError("The prepared set is closed.");
    const rowBytes = bytesPerPicture(this.size);
    if (out.length !== indices.length * rowBytes) {
      throw new RangeError(
        `out has ${out.length} bytes; ${indices.length} pictures need ${
          indices.length * rowBytes
        }.`,
      );
    }
    for (let at = 0; at < indices.length; at++) {
      const index = indices[at]!;
      if (!Number.isInteger(index) || index < 0 || index >= this.count) {
        throw new RangeError(`There is no picture ${index} in a set of ${this.count}.`);
      }
    }
    const placed = this.#rows;
    const rows = placed ? Uint32Array.from(indices, (index) => placed[index]!) : indices;
    const reads: Promise<void>[] = [];
    for (let from = 0; from < rows.length;) {
      let to = from + 1;
      while (to < rows.length && rows[to] === rows[to - 1]! + 1) to++;
      const part = out.subarray(from * rowBytes, to * rowBytes);
      reads.push(this.#read(part, rows[from]! * rowBytes));
      from = to;
    }
    const all = Promise.all(reads).then(() => {});
    this.#reads.add(all);
    try {
      await all;
    } finally {
      // Also when one part failed, none may still write to `out` afterwards.
      await Promise.allSettled(reads);
      this.#reads.delete(all);
    }
  }

  async #read(into: Uint8Array, position: number): Promise<void> {
    let at = 0;
    while (at < into.length) {
      const bytesRead = await this.#readOnce(into, at, position + at);
      if (bytesRead === 0) throw this.#damaged("it has become shorter");
      at += bytesRead;
    }
  }

  async #readOnce(into: Uint8Array, at: number, position: number): Promise<number> {
    try {
      return (await this.#handle.read(into, at, into.length - at, position)).bytesRead;
    } catch (error) {
      throw this.#damaged(messageOf(error), error);
    }
  }

  #damaged(what: string, cause?: unknown): TinctError {
    return new TinctError(
      "data_loss",
      `The prepared photos in ${this.path} cannot be read (${what}); delete the file and start again.`,
      { cause },
    );
  }

  /** Closes the file, after the reads that are under way. Twice does no harm. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await Promise.allSettled(this.#reads);
    await this.#handle.close();
  }
}

/** The paths of a prepared set's two files. */
export function preparedPaths(
  cacheFolder: string,
  base: string,
): { pixels: string; manifest: string } {
  return { pixels: join(cacheFolder, `${base}.rgb`), manifest: join(cacheFolder, `${base}.json`) };
}

/**
 * Opens a set that an earlier run prepared.
 *
 * @param base the files' name without extension.
 * @param key what it must have been made of; whatever it is when left out.
 * @returns undefined when it is not there or not sound: its manifest damaged or of another key, its
 *   pixels cut short.
 */
export async function openPrepared(
  cacheFolder: string,
  base: string,
  key?: string,
): Promise<PreparedSet | undefined> {
  const paths = preparedPaths(cacheFolder, base);
  let handle: FileHandle | undefined;
  try {
    const manifest = parseManifest(await readFile(paths.manifest, "utf8"));
    if (manifest === undefined || (key !== undefined && manifest.key !== key)) return undefined;
    handle = await open(paths.pixels, "r");
    const { size: sizeBytes } = await handle.stat();
    if (sizeBytes !== manifest.names.length * bytesPerPicture(manifest.size)) return undefined;
    const set = new PreparedSet(handle, paths.pixels, manifest, true);
    handle = undefined;
    return set;
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return undefined;
    throw new TinctError(
      "permission_denied",
      `The prepared photos in ${paths.pixels} cannot be opened (${messageOf(error)}); ` +
        "delete them or choose another cache folder.",
      { cause: error },
    );
  } finally {
    await handle?.close();
  }
}
