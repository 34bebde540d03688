import { TinctError } from "../errors.ts";
import { type FileContent, writeFileAtomically, type WriteOptions } from "../files/atomic_write.ts";
import type { FileDigest } from "../files/durable_file.ts";
import { OpenFile, type OpenFileOptions } from "../files/open_file.ts";
import {
  decodeHeader,
  decodeHeaderLength,
  type ForeignTensor,
  HEADER_LENGTH_BYTES,
  layOutFile,
  type PlacedTensor,
  type TensorDtype,
  type TensorInfo,
} from "./safetensors_header.ts";
import { bufferFor, refuseForeign, type TensorFile } from "./tensor_file.ts";

export type { TensorDtype } from "./safetensors_header.ts";

/**
 * Opens a safetensors file (https://github.com/huggingface/safetensors) and checks its whole header
 * before anything of the size it claims is allocated. Only the header is read.
 *
 * @returns the open file; the caller disposes of it.
 * @throws {TinctError} not_found, permission_denied, or data_loss naming what is wrong in the file.
 */
export async function openSafetensors(
  path: string,
  options: OpenFileOptions = {},
): Promise<SafetensorsFile> {
  const file = await OpenFile.open(path, options);
  try {
    return await readSafetensors(file);
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * The safetensors file that an open file is. It owns the open file from then on.
 *
 * @throws {TinctError} data_loss as `openSafetensors`.
 */
export async function readSafetensors(file: OpenFile): Promise<SafetensorsFile> {
  const { path, sizeBytes } = file;
  const prefix = new Uint8Array(Math.min(HEADER_LENGTH_BYTES, sizeBytes));
  await file.read(prefix, 0);
  const header = new Uint8Array(decodeHeaderLength(prefix, sizeBytes, path));
  await file.read(header, HEADER_LENGTH_BYTES);
  return new SafetensorsFile(file, decodeHeader(header, sizeBytes, path));
}

/** An open safetensors file with a sound header. Owns a file handle; see `openSafetensors`. */
export class SafetensorsFile implements TensorFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** The tensors in the order in which their data lies in the file. */
  readonly tensors: readonly TensorInfo[];
  /** Those of element types that are not read, which do no harm where nobody needs them. */
  readonly foreign: readonly ForeignTensor[];
  /** The file's own notes, such as `format: "pt"`. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #placed: ReadonlyMap<string, PlacedTensor>;
  readonly #file: OpenFile;

  /** For `readSafetensors`, which has checked all of this. */
  constructor(file: OpenFile, { tensors, foreign, metadata }: ReturnType<typeof decodeHeader>) {
    this.foreign = foreign;
    this.path = file.path;
    this.sizeBytes = file.sizeBytes;
    this.#file = file;
    this.tensors = tensors.map(({ name, dtype, shape, sizeBytes }) => ({
      name,
      dtype,
      shape,
      sizeBytes,
    }));
    this.metadata = metadata;
    this.#placed = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }

  /** What a tensor is, or undefined when the file has none of that name. */
  get(name: string): TensorInfo | undefined {
    return this.#placed.get(name);
  }

  /**
   * Reads a tensor's bytes: little-endian, row-major, in its writer's layout.
   *
   * @param name its name.
   * @param options `into`: a buffer of exactly its size to read into, instead of a new one (which
   *   starts at offset 0 of its own ArrayBuffer, so a typed array can lie over it); `signal`: asked
   *   before every 4 MiB.
   * @returns the buffer, which belongs to the caller.
   * @throws {TinctError} not_found when there is no such tensor; data_loss when the file got shorter.
   * @throws {RangeError} when `into` has another size.
   */
  async read(
    name: string,
    { into, signal }: {
      into?: Uint8Array<ArrayBuffer> | undefined;
      signal?: AbortSignal | undefined;
    } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const tensor = this.#placed.get(name);
    if (!tensor) {
      refuseForeign(this, [name]);
      throw new TinctError("not_found", `${this.path} has no tensor called ${name}.`);
    }
    const bytes = bufferFor(name, tensor.sizeBytes, into);
    await this.#file.read(bytes, tensor.position, signal);
    return bytes;
  }

  /** Hashes the whole file; memory stays at two chunks whatever its size. */
  async digest(options: { signal?: AbortSignal | undefined } = {}): Promise<FileDigest> {
    return await this.#file.digest(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/** A tensor to be written. */
export interface TensorSource {
  /** Its name; PyTorch's, where another program is to read the file. */
  readonly name: string;
  readonly dtype: TensorDtype;
  /** An empty shape is a scalar. */
  readonly shape: readonly number[];
  /**
   * Gives the bytes (little-endian, row-major), as many as shape and element type take. Called once,
   * when the tensor's turn has come; the bytes must not change until the next one is asked for.
   */
  readonly data: () => Uint8Array | Promise<Uint8Array>;
}

/** Options of `writeSafetensors`. */
interface WriteSafetensorsOptions extends WriteOptions {
  /** The file's own notes. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a safetensors file, one tensor in memory at a time, so that the path holds what was there
 * before or all of the new file. The same tensors give the same bytes in whatever order they come.
 *
 * @returns the length and SHA-256 of the file.
 * @throws {TinctError} resource_exhausted when the disk is full, permission_denied, not_found.
 * @throws {TypeError | RangeError} when two tensors share a name, or bytes do not fit their shape.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  { metadata = {}, signal, failpoint }: WriteSafetensorsOptions = {},
): Promise<FileDigest> {
  const content = safetensorsContent(tensors, metadata);
  return await writeFileAtomically(path, content, { signal, failpoint });
}

/** The content of a safetensors file, for the functions of atomic_write.ts. */
export function safetensorsContent(
  tensors: Iterable<TensorSource>,
  metadata: Readonly<Record<string, string>> = {},
): Exclude<FileContent, Uint8Array | string> {
  const { header, placed } = layOutFile(tensors, metadata);
  return async (file) => {
    await file.write(header);
    for (const { tensor, sizeBytes } of placed) {
      const bytes = await tensor.data();
      if (bytes.length !== sizeBytes) {
        throw new RangeError(
          `${tensor.name}, [${tensor.shape}] of ${tensor.dtype}, takes ${sizeBytes} bytes, ` +
            `but ${bytes.length} were given`,
        );
      }
      await file.write(bytes);
    }
  };
}
