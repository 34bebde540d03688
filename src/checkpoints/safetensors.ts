import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { TinctError } from "../errors.ts";
import { type FileContent, writeFileAtomically, type WriteOptions } from "../files/atomic_write.ts";
import { CHUNK_BYTES, type FileDigest } from "../files/durable_file.ts";
import { reading } from "../files/file_errors.ts";
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

export type { TensorDtype } from "./safetensors_header.ts";

/** How a file is opened. */
interface OpenOptions {
  /** Whether a symbolic link is an error (data_loss) instead of being followed. */
  readonly refuseLinks?: boolean;
}

/**
 * Opens a safetensors file (https://github.com/huggingface/safetensors) and checks its whole header
 * before anything of the size it claims is allocated. Only the header is read.
 *
 * @returns the open file; the caller disposes of it.
 * @throws {TinctError} not_found, permission_denied, or data_loss naming what is wrong in the file.
 */
export async function openSafetensors(
  path: string,
  { refuseLinks = false }: OpenOptions = {},
): Promise<SafetensorsFile> {
  // O_NONBLOCK: opening a named pipe must not wait for its writer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK |
    (refuseLinks ? constants.O_NOFOLLOW : 0);
  const handle = await reading(path, open(path, flags));
  try {
    const stat = await reading(path, handle.stat());
    if (!stat.isFile()) throw new TinctError("data_loss", `${path} is not a file.`);
    const prefix = new Uint8Array(Math.min(HEADER_LENGTH_BYTES, stat.size));
    await readFully(handle, prefix, 0, path);
    const header = new Uint8Array(decodeHeaderLength(prefix, stat.size, path));
    await readFully(handle, header, HEADER_LENGTH_BYTES, path);
    const { tensors, foreign, metadata } = decodeHeader(header, stat.size, path);
    return new SafetensorsFile(path, stat.size, handle, { tensors, foreign, metadata });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** An open safetensors file with a sound header. Owns a file handle; see `openSafetensors`. */
export class SafetensorsFile implements AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  /** The tensors in the order in which their data lies in the file. */
  readonly tensors: readonly TensorInfo[];
  /** Those of element types that are not read, which do no harm where nobody needs them. */
  readonly foreign: readonly ForeignTensor[];
  /** The file's own notes, such as `format: "pt"`. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #placed: ReadonlyMap<string, PlacedTensor>;
  readonly #handle: FileHandle;
  #open = true;

  /** For `openSafetensors`, which has checked all of this. */
  constructor(
    path: string,
    sizeBytes: number,
    handle: FileHandle,
    { tensors, foreign, metadata }: ReturnType<typeof decodeHeader>,
  ) {
    this.foreign = foreign;
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
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
   * Refuses tensors whose element types are not read.
   *
   * @throws {TinctError} failed_precondition that names the first of them.
   */
  refuseForeign(needed: Iterable<string>): void {
    const names = new Set(needed);
    const found = this.foreign.find(({ name }) => names.has(name));
    if (found === undefined) return;
    throw new TinctError(
      "failed_precondition",
      `${this.path} is sound, but its tensor ${found.name} has the element type ${found.dtype}, ` +
        "which Tinct does not read; save it as F32.",
    );
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
      this.refuseForeign([name]);
      throw new TinctError("not_found", `${this.path} has no tensor called ${name}.`);
    }
    const bytes = into ?? new Uint8Array(tensor.sizeBytes);
    if (bytes.length !== tensor.sizeBytes) {
      throw new RangeError(`${name} has ${tensor.sizeBytes} bytes, the buffer ${bytes.length}`);
    }
    await readFully(this.#handle, bytes, tensor.position, this.path, signal);
    return bytes;
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
      const read = readFully(this.#handle, chunk, at, this.path, signal);
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

async function readFully(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  let at = 0;
  while (at < bytes.length) {
    signal?.throwIfAborted();
    const lengthBytes = Math.min(CHUNK_BYTES, bytes.length - at);
    const { bytesRead } = await reading(path, handle.read(bytes, at, lengthBytes, position + at));
    if (bytesRead === 0) {
      throw new TinctError("data_loss", `${path} ends at byte ${position + at}: it was cut short.`);
    }
    at += bytesRead;
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
