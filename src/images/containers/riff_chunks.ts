import { joined } from "../metadata/exif.ts";

/** A chunk of a RIFF file, as WebP is one (its container specification). */
interface RiffChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** All of it: type, size, data and padding; cut where the file ends. */
  readonly whole: Uint8Array;
  /** How many of its bytes the file lacks. */
  readonly missingBytes: number;
}

/** The chunks of a WebP in their order; what stands behind its end is none. */
export function* riffChunks(file: Uint8Array): Generator<RiffChunk> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const fileEnd = Math.min(file.length, 8 + view.getUint32(4, true));
  for (let at = 12; at + 8 <= fileEnd;) {
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    yield {
      type: String.fromCharCode(...file.subarray(at, at + 4)),
      data: file.subarray(at + 8, end),
      whole: file.subarray(at, end + size % 2),
      missingBytes: Math.max(0, end - file.length),
    };
    at = end + size % 2;
  }
}

/** Makes a chunk. */
export function riffChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + data.length + data.length % 2);
  chunk.set([...type].map((letter) => letter.charCodeAt(0)));
  new DataView(chunk.buffer).setUint32(4, data.length, true);
  chunk.set(data, 8);
  return chunk;
}

/** Makes a WebP of its chunks. @param missingBytes how many the last of them lacks. */
export function webpOf(
  chunks: readonly Uint8Array[],
  missingBytes = 0,
): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode("RIFF....WEBP");
  const size = chunks.reduce((sum, { length }) => sum + length, 4 + missingBytes);
  new DataView(head.buffer).setUint32(4, Math.min(size, 0xffff_ffff), true);
  return joined([head, ...chunks]);
}
