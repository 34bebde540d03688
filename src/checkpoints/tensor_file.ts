import { TinctError } from "../errors.ts";
import type { FileDigest } from "../files/durable_file.ts";
import type { ForeignTensor, TensorInfo } from "./safetensors_header.ts";

/** An open file of tensors by name, whatever program wrote it. Owns a file handle. */
export interface TensorFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  readonly tensors: readonly TensorInfo[];
  /** Those of element types that are not read, which do no harm where nobody needs them. */
  readonly foreign: readonly ForeignTensor[];
  /** The file's own notes, such as `format: "pt"`; none of `torch.save`. */
  readonly metadata: ReadonlyMap<string, string>;

  /** What a tensor is, or undefined when the file has none of that name. */
  get(name: string): TensorInfo | undefined;

  /**
   * Reads a tensor's bytes: little-endian, row-major, in its writer's layout.
   *
   * @param options `into`: a buffer of exactly its size to read into, instead of a new one, which
   *   starts at offset 0 of its own ArrayBuffer; `signal`: asked before every 4 MiB.
   * @returns the buffer, which belongs to the caller.
   * @throws {TinctError} not_found when there is no such tensor; data_loss when the file got shorter.
   * @throws {RangeError} when `into` has another size.
   */
  read(
    name: string,
    options?: {
      into?: Uint8Array<ArrayBuffer> | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<Uint8Array<ArrayBuffer>>;

  /** Hashes the whole file; memory stays at two chunks whatever its size. */
  digest(options?: { signal?: AbortSignal | undefined }): Promise<FileDigest>;
}

/** What stands before names that may be one of several networks': of an average, such as "params_ema.". */
const averaged = /(?:^|[._])ema(?:[._]|$)/i;

/**
 * What stands before a tensor's name where a file has it inside of others, such as "module."; "" where
 * it stands alone. Of several, that of a moving average, then the first.
 *
 * @param name of the tensor; one of the file's fits that ends with it, after nothing or a full stop.
 * @returns undefined where the file has none.
 */
export function prefixOf(
  { tensors }: Pick<TensorFile, "tensors">,
  name: string,
  fits: (tensor: TensorInfo) => boolean = () => true,
): string | undefined {
  const prefixes = tensors
    .filter((tensor) => tensor.name === name || tensor.name.endsWith(`.${name}`))
    .filter(fits)
    .map((tensor) => tensor.name.slice(0, -name.length));
  return prefixes.find(isAveraged) ?? prefixes[0];
}

/** Whether what stands before a tensor's name tells of a moving average. */
export function isAveraged(prefix: string): boolean {
  return averaged.test(prefix);
}

/**
 * Refuses tensors whose element types are not read.
 *
 * @throws {TinctError} failed_precondition that names the first of them.
 */
export function refuseForeign(
  { path, foreign }: Pick<TensorFile, "path" | "foreign">,
  needed: Iterable<string>,
): void {
  const names = new Set(needed);
  const found = foreign.find(({ name }) => names.has(name));
  if (found === undefined) return;
  throw new TinctError(
    "failed_precondition",
    `${path} is sound, but its tensor ${found.name} has the element type ${found.dtype}, ` +
      "which Tinct does not read; save it as F32.",
  );
}

/** The buffer that a tensor is read into. @throws {RangeError} when `into` has another size. */
export function bufferFor(
  name: string,
  sizeBytes: number,
  into = new Uint8Array(sizeBytes),
): Uint8Array<ArrayBuffer> {
  if (into.length === sizeBytes) return into;
  throw new RangeError(`${name} has ${sizeBytes} bytes, the buffer ${into.length}`);
}
