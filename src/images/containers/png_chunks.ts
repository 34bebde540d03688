import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** The eight bytes that a PNG begins with. */
export const PNG_SIGNATURE_BYTES = 8;

/** A chunk of a PNG (its specification, section 5.3). */
interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** All of it: length, type, data and checksum. */
  readonly whole: Uint8Array;
  /** Whether the file ends before the chunk does. */
  readonly isCut: boolean;
}

/** The chunks of a PNG in their order, up to its end: what stands behind it is none. */
export function* pngChunks(file: Uint8Array): Generator<PngChunk> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = PNG_SIGNATURE_BYTES; at + 8 <= file.length;) {
    const end = at + 12 + view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    yield {
      type,
      data: file.subarray(at + 8, end - 4),
      whole: file.subarray(at, end),
      isCut: end > file.length,
    };
    if (type === "IEND") return;
    at = end;
  }
}

/** Makes a chunk. */
export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}
