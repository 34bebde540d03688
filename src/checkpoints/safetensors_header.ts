import { messageOf, TinctError } from "../errors.ts";
import { isJsonObject, type JsonValue, parseStrictJson } from "../files/strict_json.ts";

/** Bytes of one element of each element type we read and write. */
const ITEM_SIZE_BYTES = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U8: 1,
  I8: 1,
  BOOL: 1,
} as const;

// The published library writes wide element types first, so that every tensor lies aligned, and
// equal ones by name. The same order gives the same bytes.
const DTYPE_ORDER: readonly TensorDtype[] = [
  "I64",
  "F64",
  "F32",
  "I32",
  "BF16",
  "F16",
  "I16",
  "I8",
  "U8",
  "BOOL",
];

/** An element type, by its name in the file. */
export type TensorDtype = keyof typeof ITEM_SIZE_BYTES;

/** What a tensor is called and how it is shaped; an empty shape is a scalar. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
}

/** A tensor and where it lies in its file, in bytes from the file's start. */
export interface PlacedTensor extends TensorInfo {
  readonly position: number;
}

/** The others that the format has (safetensors 0.7); no weights of ours are of them. */
const FOREIGN_DTYPES: readonly string[] = [
  ...["U16", "U32", "U64", "C64", "F4", "F6_E2M3", "F6_E3M2"],
  ...["F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"],
];

function isForeignDtype(text: unknown): text is string {
  return typeof text === "string" && FOREIGN_DTYPES.includes(text);
}

/** A tensor of an element type that the format knows and we do not read. */
export interface ForeignTensor {
  readonly name: string;
  readonly dtype: string;
}

/** The length field at the start of a file. */
export const HEADER_LENGTH_BYTES = 8;

/**
 * The longest header that is read, 16 MiB: room for more than 100,000 tensors. The header is the
 * only part of a file that is held in memory before it is known to be sound.
 */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/**
 * The bytes of a tensor.
 *
 * @throws {RangeError} when a dimension is no whole number from 0, or the product is past 2^53.
 */
function tensorSizeBytes(dtype: TensorDtype, shape: readonly number[]): number {
  let sizeBytes: number = ITEM_SIZE_BYTES[dtype];
  for (const dimension of shape) {
    if (!Number.isSafeInteger(dimension) || dimension < 0) {
      throw new RangeError(`shape [${shape}] has the dimension ${dimension}`);
    }
    sizeBytes *= dimension;
    if (!Number.isSafeInteger(sizeBytes)) throw new RangeError(`shape [${shape}] is too large`);
  }
  return sizeBytes;
}

/** Whether a text is the name of an element type we know. */
function isTensorDtype(text: unknown): text is TensorDtype {
  return typeof text === "string" && Object.hasOwn(ITEM_SIZE_BYTES, text);
}

/**
 * Lays out a file: the header's bytes (with the length field) and the tensors in the order in which
 * their data must follow.
 *
 * @throws {TypeError} for a name that occurs twice or is reserved, or metadata that is not text.
 * @throws {RangeError} for a shape that is none, or a header past MAX_HEADER_BYTES.
 */
export function layOutFile<
  T extends { name: string; dtype: TensorDtype; shape: readonly number[] },
>(
  tensors: Iterable<T>,
  metadata: Readonly<Record<string, string>>,
): { header: Uint8Array; placed: { tensor: T; sizeBytes: number }[]; sizeBytes: number } {
  const placed = [...tensors].map((tensor) => ({
    tensor,
    sizeBytes: tensorSizeBytes(tensor.dtype, tensor.shape),
  }));
  placed.sort(({ tensor: a }, { tensor: b }) =>
    DTYPE_ORDER.indexOf(a.dtype) - DTYPE_ORDER.indexOf(b.dtype) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );

  // Text, not an object: an object would move keys such as "0" to the front and lose "__proto__".
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) {
    for (const [key, value] of Object.entries(metadata)) {
      if (typeof value !== "string") throw new TypeError(`metadata ${key} is not text`);
    }
    fields.push(`"__metadata__":${JSON.stringify(metadata)}`);
  }
  const names = new Set<string>();
  let offset = 0;
  for (const { tensor: { name, dtype, shape }, sizeBytes } of placed) {
    if (name === "__metadata__") throw new TypeError("a tensor cannot be called __metadata__");
    if (names.has(name)) throw new TypeError(`two tensors are called ${JSON.stringify(name)}`);
    names.add(name);
    const entry = { dtype, shape, data_offsets: [offset, offset + sizeBytes] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset += sizeBytes;
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new RangeError(`${placed.length} tensors need a header of ${headerBytes} bytes`);
  }
  const header = new Uint8Array(HEADER_LENGTH_BYTES + headerBytes).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes), true);
  header.set(json, HEADER_LENGTH_BYTES);
  return { header, placed, sizeBytes: header.length + offset };
}

/**
 * Reads the length field.
 *
 * @param prefix the first bytes of the file, 8 or all there are.
 * @throws {TinctError} data_loss when the length cannot be right.
 */
export function decodeHeaderLength(prefix: Uint8Array, fileBytes: number, path: string): number {
  if (prefix.length < HEADER_LENGTH_BYTES) {
    throw damaged(path, `it has ${fileBytes} bytes, fewer than the 8 of its length field`);
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    if (prefix[0] === 0x50 && prefix[1] === 0x4b) {
      throw damaged(
        path,
        "it is a zip archive as torch.save writes it; save the state dict with safetensors.torch.save_file",
      );
    }
    throw damaged(path, `it claims a header of ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  }
  if (HEADER_LENGTH_BYTES + Number(length) > fileBytes) {
    throw damaged(path, `it claims a header of ${length} bytes, but has ${fileBytes} in all`);
  }
  return Number(length);
}

/**
 * Reads a header and checks all it claims: each tensor's bytes fit its shape, and together they fill
 * the rest of the file without overlap, hole or remainder.
 *
 * @param header the header's bytes, without the length field.
 * @param fileBytes the file's whole length.
 * @param path names the file in errors.
 * @returns the tensors in the order of their data, and apart from them those that cannot be read.
 * @throws {TinctError} data_loss that names the file and the first claim that is wrong.
 */
export function decodeHeader(
  header: Uint8Array,
  fileBytes: number,
  path: string,
): {
  tensors: PlacedTensor[];
  foreign: ForeignTensor[];
  metadata: ReadonlyMap<string, string>;
} {
  let json: JsonValue;
  try {
    if (header[0] !== 0x7b) throw new SyntaxError("it does not begin with {");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    json = parseStrictJson(text, { maxDepth: 3 });
  } catch (error) {
    throw damaged(path, `its header is not valid JSON: ${messageOf(error)}`, error);
  }
  if (!isJsonObject(json)) throw damaged(path, "its header is not a JSON object");

  const dataStart = HEADER_LENGTH_BYTES + header.length;
  const metadata = new Map<string, string>();
  const tensors: (Claim & { readonly name: string })[] = [];
  for (const [name, entry] of Object.entries(json)) {
    if (name === "__metadata__") decodeMetadata(entry, metadata, path);
    else tensors.push(decodeEntry(name, entry, dataStart, path));
  }
  tensors.sort((a, b) => a.position - b.position || a.sizeBytes - b.sizeBytes);
  let end = dataStart;
  for (const { name, position, sizeBytes } of tensors) {
    if (position !== end) {
      const fault = position < end ? "overlaps the tensor before it" : "leaves a hole before it";
      throw damaged(path, `tensor ${JSON.stringify(name)} ${fault}`);
    }
    end = position + sizeBytes;
  }
  if (end !== fileBytes) {
    throw damaged(path, `its tensors end at byte ${end}, but it has ${fileBytes} bytes`);
  }
  const isForeign = ({ dtype }: Claim) => !isTensorDtype(dtype);
  return {
    tensors: tensors.filter((tensor): tensor is PlacedTensor => !isForeign(tensor)),
    foreign: tensors.filter(isForeign).map(({ name, dtype }) => ({ name, dtype })),
    metadata,
  };
}

/** A tensor as the header tells of it. */
interface Claim {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  readonly position: number;
}

function decodeMetadata(entry: JsonValue, metadata: Map<string, string>, path: string): void {
  if (!isJsonObject(entry)) throw damaged(path, "its __metadata__ is not a JSON object");
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== "string") {
      throw damaged(path, `its metadata ${JSON.stringify(key)} is not text`);
    }
    metadata.set(key, value);
  }
}

function decodeEntry(
  name: string,
  entry: JsonValue,
  dataStart: number,
  path: string,
): Claim & { readonly name: string } {
  const tensor = `tensor ${JSON.stringify(name)}`;
  if (!isJsonObject(entry)) throw damaged(path, `${tensor} is not a JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isTensorDtype(dtype) && !isForeignDtype(dtype)) {
    throw damaged(path, `${tensor} has the element type ${JSON.stringify(dtype)}`);
  }
  if (!isWholeNumbers(shape)) {
    throw damaged(path, `${tensor} has the shape ${JSON.stringify(shape)}`);
  }
  const [begin, end, ...more] = isWholeNumbers(offsets) ? offsets : [];
  if (begin === undefined || end === undefined || more.length > 0 || begin > end) {
    throw damaged(path, `${tensor} has the offsets ${JSON.stringify(offsets)}`);
  }
  if (!isTensorDtype(dtype)) {
    return { name, dtype, shape, sizeBytes: end - begin, position: dataStart + begin };
  }
  let sizeBytes: number;
  try {
    sizeBytes = tensorSizeBytes(dtype, shape);
  } catch (error) {
    throw damaged(path, `${tensor}: ${messageOf(error)}`, error);
  }
  if (end - begin !== sizeBytes) {
    throw damaged(
      path,
      `${tensor} claims ${end - begin} bytes, but [${shape}] of ${dtype} takes ${sizeBytes}`,
    );
  }
  return { name, dtype, shape, sizeBytes, position: dataStart + begin };
}

function isWholeNumbers(value: JsonValue | undefined): value is number[] {
  return Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && Number(item) >= 0);
}

function damaged(path: string, fault: string, cause?: unknown): TinctError {
  // A header may hold a name of megabytes; a message may not.
  const shown = fault.length > 300 ? `${fault.slice(0, 300)}…` : fault;
  return new TinctError("data_loss", `${path} is no sound safetensors file: ${shown}.`, { cause });
}
