import { createReadStream } from "node:fs";
import { maskedCrc32c } from "./crc32c.ts";

/** Before the data: its length as 64 bits, and the masked CRC32C of that. */
const headerBytes = 12;
const footerBytes = 4;

/** Data as a record of a TFRecord file: length, CRC, data, CRC (TensorFlow, record_writer.h). */
export function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + data.length + footerBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(data, headerBytes);
  view.setUint32(headerBytes + data.length, maskedCrc32c(data), true);
  return bytes;
}

/** A record as it lies in its file. */
interface StoredRecord {
  readonly data: Uint8Array;
  /** With its length and CRCs. */
  readonly bytes: Uint8Array;
}

/**
 * The records of a file in their order, up to the end or the first one that is damaged or cut short.
 * Holds one record in memory, and a piece of the file.
 *
 * @throws the system's error where the file cannot be read.
 */
export async function* readRecords(path: string): AsyncGenerator<StoredRecord> {
  let rest = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length >= headerBytes) {
      if (rest.readUInt32LE(8) !== maskedCrc32c(rest.subarray(0, 8))) return;
      const length = Number(rest.readBigUInt64LE(0));
      const end = headerBytes + length + footerBytes;
      if (rest.length < end) break;
      const data = rest.subarray(headerBytes, headerBytes + length);
      if (rest.readUInt32LE(headerBytes + length) !== maskedCrc32c(data)) return;
      yield { data, bytes: rest.subarray(0, end) };
      rest = rest.subarray(end);
    }
  }
}
