import { type DirectoryField, DirectoryReader, numberOf, ratioOf } from "./directory_reader.ts";
import type { ExifFields, Resolution } from "./photo_metadata.ts";

const tags = {
  orientation: 0x112,
  xResolution: 0x11a,
  yResolution: 0x11b,
  resolutionUnit: 0x128,
  taken: 0x8769,
  place: 0x8825,
} as const;

/**
 * What is kept of the picture's directory: texts about it, who made it, and with what. In a TIFF the
 * same directory tells where its pixels lie, which is why these are named and not those left out.
 */
const PICTURE_TAGS: ReadonlySet<number> = new Set([
  0x10d, // DocumentName
  0x10e, // ImageDescription
  0x10f, // Make
  0x110, // Model
  0x11d, // PageName
  0x131, // Software
  0x132, // DateTime
  0x13b, // Artist
  0x13c, // HostComputer
  0x4746, // Rating
  0x4749, // RatingPercent
  0x8298, // Copyright
  ...[0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f], // Windows' title, comment, author, keywords, subject
]);

/**
 * What is not kept of how it was taken: what is not true of the result (its size, its color space), and
 * what points to places in the file (makers' notes, interoperability).
 */
const LEFT_OUT: ReadonlySet<number> = new Set([0x927c, 0xa001, 0xa002, 0xa003, 0xa005]);

/** What EXIF says, read once and bounded. */
interface ReadExif {
  readonly fields: ExifFields;
  /** 1 to 8 (EXIF 2.32, 4.6.5); 1 where it is not said. */
  readonly orientation: number;
  readonly resolution: Resolution | undefined;
}

/**
 * Reads EXIF: the three directories that tell of a photo, each once, wherever they point.
 *
 * @param bytes a TIFF structure.
 * @returns undefined for what is none.
 */
export function readExif(bytes: Uint8Array): ReadExif | undefined {
  const reader = DirectoryReader.open(bytes);
  const picture = reader?.read(reader.first)?.fields;
  if (reader === undefined || picture === undefined) return undefined;
  const find = (tag: number) => picture.find((field) => field.tag === tag);
  const follow = (tag: number) => reader.read(numberOf(find(tag)) ?? 0)?.fields ?? [];
  const orientation = numberOf(find(tags.orientation)) ?? 1;
  const unit = numberOf(find(tags.resolutionUnit)) ?? 2;
  const inches = unit === 2 ? 1 : unit === 3 ? 2.54 : undefined;
  const x = ratioOf(find(tags.xResolution));
  const y = ratioOf(find(tags.yResolution));
  return {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    resolution: x && y && inches ? { x: x * inches, y: y * inches } : undefined,
    fields: {
      picture: inOrder(picture.filter(({ tag }) => PICTURE_TAGS.has(tag))),
      taken: inOrder(follow(tags.taken).filter(({ tag }) => !LEFT_OUT.has(tag))),
      place: inOrder(follow(tags.place)),
    },
  };
}

/** By their tags, each once, as readers want them. */
function inOrder(fields: readonly DirectoryField[]): DirectoryField[] {
  const byTag = new Map(fields.map((field) => [field.tag, field]));
  return [...byTag.values()].sort((a, b) => a.tag - b.tag);
}

/** What a decoder is told of EXIF: the orientation, in the smallest directory there can be. */
export function exifOfOrientation(orientation: number): Uint8Array {
  return writeExif([shortField(tags.orientation, orientation)], [], []);
}

/** EXIF for a result, which is upright and in sRGB. At most `MAX_EXIF_BYTES`. */
export function exifOf(
  { picture, taken, place }: ExifFields,
  resolution: Resolution | undefined,
): Uint8Array {
  const added = [
    ...resolutionFields(resolution),
    shortField(tags.orientation, 1),
  ];
  const room = { bytes: MAX_EXIF_BYTES - 200 };
  return writeExif(
    inOrder([...fitting(picture, room), ...added]),
    inOrder([...fitting(taken, room), ...(taken.length > 0 ? [shortField(0xa001, 1)] : [])]),
    fitting(place, room),
  );
}

/** One segment of a JPEG holds 65,533 bytes, with "Exif\0\0". */
const MAX_EXIF_BYTES = 65_000;

function fitting(fields: readonly DirectoryField[], room: { bytes: number }): DirectoryField[] {
  return fields.filter(({ value }) => {
    const bytes = 12 + value.length + 1;
    if (bytes > room.bytes) return false;
    room.bytes -= bytes;
    return true;
  });
}

/** XResolution, YResolution and their unit, the inch. */
export function resolutionFields(resolution: Resolution | undefined): DirectoryField[] {
  if (resolution === undefined) return [];
  return [
    ratioField(tags.xResolution, resolution.x),
    ratioField(tags.yResolution, resolution.y),
    shortField(tags.resolutionUnit, 2),
  ];
}

/** A field of one short. */
export function shortField(tag: number, number: number): DirectoryField {
  return { tag, type: 3, count: 1, value: new Uint8Array([number & 255, number >> 8]) };
}

function ratioField(tag: number, ratio: number): DirectoryField {
  const value = new Uint8Array(8);
  const view = new DataView(value.buffer);
  view.setUint32(0, Math.round(ratio * 1000), true);
  view.setUint32(4, 1000, true);
  return { tag, type: 5, count: 1, value };
}

/** A field of one long. */
export function longField(tag: number, number: number): DirectoryField {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, number, true);
  return { tag, type: 4, count: 1, value };
}

function writeExif(
  picture: readonly DirectoryField[],
  taken: readonly DirectoryField[],
  place: readonly DirectoryField[],
): Uint8Array {
  const header = new Uint8Array([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  const pointers = (takenAt: number, placeAt: number) => [
    ...(taken.length > 0 ? [longField(tags.taken, takenAt)] : []),
    ...(place.length > 0 ? [longField(tags.place, placeAt)] : []),
  ];
  const takenAt = 8 + writeDirectory([...picture, ...pointers(0, 0)], 8).length;
  const takenBytes = taken.length > 0 ? writeDirectory(taken, takenAt) : new Uint8Array();
  const placeAt = takenAt + takenBytes.length;
  const placeBytes = place.length > 0 ? writeDirectory(place, placeAt) : new Uint8Array();
  const first = writeDirectory([...picture, ...pointers(takenAt, placeAt)], 8);
  return joined([header, first, takenBytes, placeBytes]);
}

/**
 * A directory with its values behind it, little-endian, the last of its chain.
 *
 * @param at where it will lie in the file.
 */
export function writeDirectory(
  fields: readonly DirectoryField[],
  at: number,
): Uint8Array<ArrayBuffer> {
  const sorted = [...fields].sort((a, b) => a.tag - b.tag);
  const head = new Uint8Array(2 + 12 * sorted.length + 4);
  const view = new DataView(head.buffer);
  view.setUint16(0, sorted.length, true);
  const values: Uint8Array[] = [];
  let end = at + head.length;
  sorted.forEach(({ tag, type, count, value }, index) => {
    const entry = 2 + 12 * index;
    view.setUint16(entry, tag, true);
    view.setUint16(entry + 2, type, true);
    view.setUint32(entry + 4, count, true);
    if (value.length <= 4) return head.set(value, entry + 8);
    view.setUint32(entry + 8, end, true);
    const even = new Uint8Array(value.length + value.length % 2); // values begin at even places
    even.set(value);
    values.push(even);
    end += even.length;
  });
  return joined([head, ...values]);
}

/** Bytes one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
