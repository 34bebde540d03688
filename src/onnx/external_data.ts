import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, sep } from "node:path";
import { reading } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";
import { formatBytes } from "../words.ts";
import type { ExternalPart, OnnxTensor } from "./onnx_tensor.ts";

/** What a protobuf message can hold, and so an ONNX file. */
const MOST_BYTES = 2 ** 31;

/**
 * Reads a model's own file.
 *
 * @throws TinctError `not_found`, `permission_denied`, or `invalid_argument` for what is no file, or
 *   one that is too large to be a model.
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  await using file = await openFile(path);
  const { size } = await reading(path, file.stat());
  if (size >= MOST_BYTES) {
    throw new TinctError(
      "invalid_argument",
      `${path} has ${formatBytes(size)}; an ONNX file has less than ${
        formatBytes(MOST_BYTES)
      }, and ` +
        "keeps what is more in a file beside it.",
    );
  }
  return new Uint8Array(await readAt(file, path, 0, size));
}

/**
 * The files beside a model in which constants lie: in its own folder or below it, and nowhere else.
 * Every part is checked against its file before any is read.
 */
export class ExternalData implements AsyncDisposable {
  readonly #folder: string;
  readonly #modelPath: string;
  readonly #files = new Map<string, { readonly file: FileHandle; readonly size: number }>();

  /** @param modelPath of the model that names the files. */
  constructor(modelPath: string) {
    this.#modelPath = modelPath;
    this.#folder = dirname(modelPath);
  }

  /**
   * Opens the file in which a constant lies, and checks that all of it does.
   *
   * @throws TinctError `invalid_argument` for a path out of the folder, `data_loss` for a part that
   *   goes past the end of the file.
   */
  async check({ name, sizeBytes }: OnnxTensor, part: ExternalPart): Promise<void> {
    const { location, offset } = part;
    let opened = this.#files.get(location);
    if (opened === undefined) {
      const path = await this.#resolve(location, name);
      const file = await openFile(path);
      this.#files.set(location, opened = { file, size: 0 });
      const { size } = await reading(path, file.stat());
      this.#files.set(location, opened = { file, size });
    }
    if (!(offset + sizeBytes <= opened.size)) { // an offset that is no number is none, too
      throw new TinctError(
        "data_loss",
        `The constant ${name} of ${this.#modelPath} lies at ${offset} to ${
          offset + sizeBytes
        } of ` +
          `${location}, which has ${opened.size} bytes: the file is cut short, or another model's.`,
      );
    }
  }

  /** The bytes of a constant that has been checked. */
  async read({ sizeBytes }: OnnxTensor, { location, offset }: ExternalPart): Promise<ArrayBuffer> {
    const { file } = this.#files.get(location)!;
    return await readAt(file, join(this.#folder, location), offset, sizeBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { file } of this.#files.values()) await file.close();
    this.#files.clear();
  }

  /** Where a location leads, links followed. */
  async #resolve(location: string, name: string): Promise<string> {
    const parts = location.split(/[\\/]/);
    const wanted = join(this.#folder, location);
    const outside = location === "" || isAbsolute(location) || /^[a-z]:/i.test(location) ||
      location.includes("\0") || parts.includes("..");
    if (!outside) {
      const folder = await reading(this.#folder, realpath(this.#folder));
      const path = await reading(wanted, realpath(wanted));
      if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return path;
    }
    throw new TinctError(
      "invalid_argument",
      `The constant ${name} of ${this.#modelPath} lies in "${location}", which leads out of the ` +
        "model's folder; put the file beside the model.",
    );
  }
}

/** Opens a file for reading; what is no file is refused without waiting for it. */
async function openFile(path: string): Promise<FileHandle> {
  const file = await reading(path, open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    if ((await reading(path, file.stat())).isFile()) return file;
    throw new TinctError("invalid_argument", `${path} is no file.`);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readAt(
  file: FileHandle,
  path: string,
  offset: number,
  sizeBytes: number,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes;) {
    const { bytesRead } = await reading(path, file.read(bytes, at, sizeBytes - at, offset + at));
    if (bytesRead === 0) {
      throw new TinctError("data_loss", `${path} became shorter while it was read; try again.`);
    }
    at += bytesRead;
  }
  return bytes.buffer;
}
