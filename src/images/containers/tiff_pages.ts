import { TinctError } from "../../errors.ts";
import { type DirectoryField, DirectoryReader, numberOf } from "../metadata/directory_reader.ts";
import { joined, longField, shortField, writeDirectory } from "../metadata/exif.ts";

const tags = { kind: 254, strips: 273, pageNumber: 297, taken: 0x8769, place: 0x8825 } as const;

/** What a directory can point to in classic TIFF. */
const MAX_FILE_BYTES = 2 ** 32 - 1;

/**
 * The file with another of its pages first, which decoders take.
 *
 * @param directoryAt where the page's directory is, as `tiffPages` tells.
 */
export function withPageFirst(file: Uint8Array, directoryAt: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(file); // a Buffer's slice() would share its bytes
  const view = new DataView(copy.buffer);
  view.setUint32(4, directoryAt, view.getUint16(0) === 0x4949);
  return copy;
}

/**
 * Makes one TIFF of several that the library has written, a page each.
 *
 * @param files at least one.
 * @throws {TinctError} invalid_argument where they are too large together.
 */
export function joinTiffs(files: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  const parts: Uint8Array[] = [header];
  let at = header.length;
  const add = (bytes: Uint8Array) => {
    parts.push(bytes, new Uint8Array(bytes.length % 2));
    at += bytes.length + bytes.length % 2;
  };
  const bases = files.map((file) => {
    const base = at;
    add(file);
    return base;
  });
  if (at > MAX_FILE_BYTES - 2 ** 20) {
    throw new TinctError(
      "invalid_argument",
      `A TIFF holds 4 GiB, and the ${files.length} pages take ${(at / 2 ** 30).toFixed(1)}: ` +
        "give --max-side, or leave out --pages all.",
    );
  }
  let pointer = new DataView(header.buffer, 4);
  files.forEach((file, page) => {
    const reader = DirectoryReader.open(file);
    const own = reader?.read(reader.first)?.fields;
    if (reader === undefined || own === undefined) throw new TypeError("A page is no TIFF.");
    const fields = own.map((field) => {
      if (field.tag === tags.strips) return moved(field, bases[page]!);
      if (field.tag !== tags.taken && field.tag !== tags.place) return field;
      const pointed = reader.read(numberOf(field) ?? 0)?.fields ?? [];
      const place = at;
      add(writeDirectory(pointed, place));
      return longField(field.tag, place);
    }).filter(({ tag }) => tag !== tags.kind && tag !== tags.pageNumber);
    const written = writeDirectory([
      ...fields,
      longField(tags.kind, 2), // a page of several
      { ...shortField(tags.pageNumber, page), count: 2, value: pageNumber(page, files.length) },
    ], at);
    // The one before points to it: the header, or the end of the last page's directory.
    pointer.setUint32(0, at, true);
    const nextAt = 2 + 12 * (fields.length + 2);
    pointer = new DataView(written.buffer, written.byteOffset + nextAt, 4);
    add(written);
  });
  return joined(parts);
}

function pageNumber(page: number, pages: number): Uint8Array {
  return new Uint8Array([page & 255, page >> 8, pages & 255, pages >> 8]);
}

/** Offsets of strips, in a file that begins at another place. */
function moved({ tag, type, count, value }: DirectoryField, base: number): DirectoryField {
  const from = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const to = new Uint8Array(4 * count);
  const view = new DataView(to.buffer);
  for (let index = 0; index < count; index++) {
    const offset = type === 3 ? from.getUint16(2 * index, true) : from.getUint32(4 * index, true);
    view.setUint32(4 * index, offset + base, true);
  }
  return { tag, type: 4, count, value: to };
}
