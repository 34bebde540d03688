import type { DirectoryField } from "./metadata/directory_reader.ts";
import { joined, longField, shortField, writeDirectory } from "./metadata/exif.ts";

/** Bytes of a strip, about: what decoders read at a time. */
const STRIP_BYTES = 2 ** 18;

/** Fields of a directory (TIFF 6.0, section 8). */
const tags = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
} as const;

/**
 * A file around pixels, so that they go the way of every photo: an uncompressed TIFF.
 *
 * @param pixels [height, width, 3], sRGB.
 * @returns the file; the caller's own.
 * @throws {RangeError} when the size does not match the pixels.
 */
export function pixelFile(
  pixels: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  const fits = [width, height].every((side) => Number.isInteger(side) && side > 0);
  if (!fits || pixels.length !== width * height * 3) {
    throw new RangeError(`${width} x ${height} pixels do not have ${pixels.length} samples.`);
  }
  const rows = Math.min(height, Math.max(1, Math.floor(STRIP_BYTES / (3 * width))));
  const starts = Array.from({ length: Math.ceil(height / rows) }, (_, index) => index * rows);
  const counts = starts.map((start) => Math.min(rows, height - start) * width * 3);
  const directory = (pixelsAt: number) =>
    writeDirectory([
      longField(tags.width, width),
      longField(tags.height, height),
      { tag: tags.bits, type: 3, count: 3, value: new Uint8Array([8, 0, 8, 0, 8, 0]) },
      shortField(tags.compression, 1), // none
      shortField(tags.photometric, 2), // RGB
      longsField(tags.stripOffsets, starts.map((start) => pixelsAt + start * width * 3)),
      shortField(tags.samples, 3),
      longField(tags.rowsPerStrip, rows),
      longsField(tags.stripBytes, counts),
    ], header.length);
  const header = new Uint8Array([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  const pixelsAt = header.length + directory(0).length;
  return joined([header, directory(pixelsAt), pixels]);
}

function longsField(tag: number, numbers: readonly number[]): DirectoryField {
  const value = new Uint8Array(4 * numbers.length);
  const view = new DataView(value.buffer);
  numbers.forEach((number, index) => view.setUint32(4 * index, number, true));
  return { tag, type: 4, count: numbers.length, value };
}
