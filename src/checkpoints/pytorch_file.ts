import { TinctError } from "../errors.ts";
import type { FileDigest } from "../files/durable_file.ts";
import type { OpenFile } from "../files/open_file.ts";
import { type PlacedView, readView } from "../pytorch_files/tensor_view.ts";
import type { ForeignTensor, TensorInfo } from "./safetensors_header.ts";
import { bufferFor, type TensorFile } from "./tensor_file.ts";

/** An open file that `torch.save` wrote. Owns a file handle; see `openTensors`. */
export class PytorchFile implements TensorFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tensors: readonly TensorInfo[];
  /** Other element types are refused when the file is opened. */
  readonly foreign: readonly ForeignTensor[] = [];
  readonly metadata: ReadonlyMap<string, string> = new Map();
  readonly #file: OpenFile;
  readonly #views: ReadonlyMap<string, PlacedView>;
  readonly #infos: ReadonlyMap<string, TensorInfo>;

  /** For `openTensors`, which has checked all of this. */
  constructor(file: OpenFile, views: ReadonlyMap<string, PlacedView>) {
    this.#file = file;
    this.#views = views;
    this.path = file.path;
    this.sizeBytes = file.sizeBytes;
    this.tensors = [...views].map(([name, { dtype, shape, sizeBytes }]) => ({
      name,
      dtype,
      shape,
      sizeBytes,
    }));
    this.#infos = new Map(this.tensors.map((info) => [info.name, info]));
  }

  get(name: string): TensorInfo | undefined {
    return this.#infos.get(name);
  }

  async read(
    name: string,
    { into, signal }: {
      into?: Uint8Array<ArrayBuffer> | undefined;
      signal?: AbortSignal | undefined;
    } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const view = this.#views.get(name);
    if (view === undefined) {
      throw new TinctError("not_found", `${this.path} has no tensor called ${name}.`);
    }
    const bytes = bufferFor(name, view.sizeBytes, into);
    await readView(this.#file, view, bytes, signal);
    return bytes;
  }

  async digest(options: { signal?: AbortSignal | undefined } = {}): Promise<FileDigest> {
    return await this.#file.digest(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}
