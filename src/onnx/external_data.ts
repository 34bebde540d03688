import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, sep } from "node:path";
import { reading } from "../files/file_errors.ts";
import { OpenFile } from "../files/open_file.ts";
import { TinctError } from "../errors.ts";
import { formatBytes } from "../words.ts";
import type { ExternalPart, OnnxTensor } from "./onnx_tensor.ts";

/** What a protobuf message can hold, and so an ONNX file. */
const MOST_BYTES = 2 ** 31;

/**
 * Reads a model's own file.
 *
 * @throws TinctError as `OpenFile.open`, or `invalid_argument` for one that is too large to be a model.
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  await using file = await OpenFile.open(path);
  const { sizeBytes: size } = file;
  if (size >= MOST_BYTES) {
    throw new TinctError(
      "invalid_argument",
      `${path} has ${formatBytes(size)}; an ONNX file has less than ${
        formatBytes(MOST_BYTES)
      }, and ` +
        "keeps what is more in a file beside it.",
    );
  }
  return new Uint8Array(await readAt(file, 0, size));
}

/**
 * The files beside a model in which constants lie: in its own folder or below it, and nowhere else.
 * Every part is checked against its file before any is read.
 */
export class ExternalData implements AsyncDisposable {
  readonly #folder: string;
  readonly #modelPath: string;
  readonly #files = new Map<string, OpenFile>();

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
    let file = this.#files.get(location);
    if (file === undefined) {
      file = await OpenFile.open(await this.#resolve(location, name));
      this.#files.set(location, file);
    }
    if (!(offset + sizeBytes <= file.sizeBytes)) { // an offset that is no number is none, too
      throw new TinctError(
        "data_loss",
        `The constant ${name} of ${this.#modelPath} lies at ${offset} to ${
          offset + sizeBytes
        } of ` +
          `${location}, which has ${file.sizeBytes} bytes: the file is cut short, or another model's.`,
      );
    }
  }

  /** The bytes of a constant that has been checked. */
  async read({ sizeBytes }: OnnxTensor, { location, offset }: ExternalPart): Promise<ArrayBuffer> {
    return await readAt(this.#files.get(location)!, offset, sizeBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files.values()) await file[Symbol.asyncDispose]();
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

/** The bytes of a part of a file. */
async function readAt(file: OpenFile, offset: number, sizeBytes: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  await file.read(bytes, offset);
  return bytes.buffer;
}
