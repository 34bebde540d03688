import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TinctError } from "../errors.ts";
import { syncPath } from "../files/durable_file.ts";
import { systemErrorName, uploadError } from "../files/file_errors.ts";
import { photoPathOf } from "./file_names.ts";

/** Unfinished files; hidden, so that listings of photos pass them over. */
const partialFolder = ".partial";

/** The folder of an uploaded dataset: files appear in it whole or not at all. */
export class UploadFolder {
  readonly path: string;

  /** @param path the folder; its name was checked. */
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder, and clears away what a cut upload left unfinished.
   *
   * @throws {TinctError} permission_denied where it is a link.
   */
  async prepare(): Promise<void> {
    await this.requireReal();
    await this.tidy();
    try {
      // The folder's own entry must outlive a power cut, as its files do.
      const made = await mkdir(join(this.path, partialFolder), { recursive: true });
      if (made !== undefined) await syncPath(dirname(this.path));
    } catch (error) {
      throw uploadError(error);
    }
  }

  /** @throws {TinctError} permission_denied where the folder is a link, which may lead anywhere. */
  async requireReal(): Promise<void> {
    const found = await lstat(this.path).catch(() => undefined);
    if (found?.isSymbolicLink()) throw linked("The folder of the dataset");
  }

  /** Begins a file under a temporary name; the caller disposes of it. */
  async begin(fileName: string): Promise<IncomingFile> {
    const place = { root: this.path, parts: photoPathOf(fileName) };
    const temporary = join(this.path, partialFolder, randomBytes(8).toString("hex"));
    try {
      return new IncomingFile(await open(temporary, "wx"), temporary, place);
    } catch (error) {
      throw uploadError(error);
    }
  }

  /** Removes the place of unfinished files. */
  async tidy(): Promise<void> {
    await rm(join(this.path, partialFolder), { recursive: true, force: true });
  }
}

/** Where a file goes. */
interface Place {
  readonly root: string;
  /** Its folders below the root, and its name. */
  readonly parts: readonly string[];
}

/** A file that is arriving. Disposing of it before `keep` leaves nothing behind. */
export class IncomingFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #temporary: string;
  readonly #place: Place;
  readonly #hash = createHash("sha256");
  #sizeBytes = 0;
  #closed = false;

  /** For `UploadFolder.begin`. */
  constructor(handle: FileHandle, temporary: string, place: Place) {
    this.#handle = handle;
    this.#temporary = temporary;
    this.#place = place;
  }

  /** How much has arrived. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends bytes. @throws {TinctError} resource_exhausted when the disk is full. */
  async write(data: Uint8Array): Promise<void> {
    this.#sizeBytes += data.byteLength;
    this.#hash.update(data);
    try {
      await this.#handle.writeFile(data);
    } catch (error) {
      throw uploadError(error);
    }
  }

  /**
   * Puts the file, whole and on the disk, in its place.
   *
   * @param expected what the client said of it: 0 bytes and an empty hash say nothing.
   * @throws {TinctError} data_loss where it is something else; resource_exhausted; invalid_argument
   *   where a folder has its name; permission_denied where a folder above it is a link.
   */
  async keep(expected: { readonly sizeBytes: number; readonly sha256: Buffer }): Promise<void> {
    if (expected.sizeBytes !== 0 && expected.sizeBytes !== this.#sizeBytes) {
      throw new TinctError(
        "data_loss",
        `${this.#sizeBytes} bytes arrived where ${expected.sizeBytes} were announced; send it again.`,
      );
    }
    if (expected.sha256.length > 0 && !this.#hash.digest().equals(expected.sha256)) {
      throw new TinctError("data_loss", "The file does not have its SHA-256; send it again.");
    }
    try {
      await this.#handle.sync();
      await this.#close();
      const folder = await makeFolders(this.#place);
      await rename(this.#temporary, join(folder, this.#place.parts.at(-1)!));
      await syncPath(folder);
    } catch (error) {
      const code = systemErrorName(error);
      if (code === "EISDIR" || code === "ENOTDIR" || code === "EEXIST" || code === "ENOTEMPTY") {
        throw new TinctError(
          "invalid_argument",
          "The file's name is that of a folder of this dataset, or the other way round.",
          { cause: error },
        );
      }
      throw uploadError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await rm(this.#temporary, { force: true }); // gone already where the file was kept
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}

/** Makes the folders above a file, and returns the last. It goes through no links. */
async function makeFolders({ root, parts }: Place): Promise<string> {
  let folder = root;
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part);
    try {
      await mkdir(folder);
      await syncPath(dirname(folder));
    } catch (error) {
      if (systemErrorName(error) !== "EEXIST") throw error;
    }
    if ((await lstat(folder)).isSymbolicLink()) throw linked(`The dataset's folder ${part}`);
  }
  return folder;
}

function linked(what: string): TinctError {
  return new TinctError(
    "permission_denied",
    `${what} is a link, and uploads go through none; remove it on the server.`,
  );
}
