import { isJpegFrame } from "../jpeg_size.ts";
import { exifOfOrientation, joined, readExif } from "../metadata/exif.ts";
import type { FoundMetadata, Resolution } from "../metadata/photo_metadata.ts";
import { evenScans } from "./jpeg_scan_headers.ts";
import { MAX_PROFILE_BYTES, type PhotoParts } from "./photo_parts.ts";

const marker = { jfif: 0xe0, exif: 0xe1, profile: 0xe2, adobe: 0xee, scan: 0xda, end: 0xd9 };
const prefix = {
  jfif: "JFIF\0",
  exif: "Exif\0",
  xmp: "http://ns.adobe.com/xap/1.0/\0",
  profile: "ICC_PROFILE\0",
  adobe: "Adobe",
};

/**
 * Takes a JPEG apart (ITU-T T.81, annex B). Of its header only what a decoder needs is kept, written
 * as it should be: odd versions and parameters, which decoders pass over with a warning, would not be
 * told from damage. Behind the header all stays as it is; an end that is missing is added, so that a
 * picture is missed only where its data is.
 */
export function takeJpegApart(file: Uint8Array): PhotoParts {
  const kept: Uint8Array[] = [];
  const profile = new ProfilePieces();
  let found: FoundMetadata = {};
  let hasJfif = false;
  let adobe: number | undefined;
  let components = 0;
  let isSequential = false;
  let scanAt: number | undefined;
  for (const { code, at, data } of headerSegments(file)) {
    const startsWith = (text: string) => begins(data, text);
    if (code === marker.scan) scanAt = at;
    else if (code === marker.jfif && startsWith(prefix.jfif)) {
      hasJfif = true;
      found = { ...found, resolution: resolutionOfJfif(data) };
    } else if (code === marker.exif && startsWith(prefix.exif)) {
      found = { exif: data.subarray(6), ...found };
    } else if (code === marker.exif && startsWith(prefix.xmp)) {
      found = { xmp: data.subarray(prefix.xmp.length), ...found };
    } else if (code === marker.profile && startsWith(prefix.profile)) profile.add(data);
    else if (code === marker.adobe && startsWith(prefix.adobe)) adobe = data[11];
    else if (code < 0xe0 || (code >= 0xf0 && code < 0xfe)) {
      if (isJpegFrame(code)) {
        components = data[5] ?? 0;
        isSequential = code === 0xc0 || code === 0xc1 || code === 0xc9;
      }
      kept.push(file.subarray(at, at + 4 + data.length));
    }
  }
  const orientation = found.exif && readExif(found.exif)?.orientation || 1;
  const header = [
    file.subarray(0, 2),
    ...(hasJfif ? [segment(marker.jfif, prefix.jfif, [1, 1, 0, 0, 1, 0, 1, 0, 0])] : []),
    ...(orientation > 1
      ? [segment(marker.exif, `${prefix.exif}\0`, exifOfOrientation(orientation))]
      : []),
    ...profile.whole().map((piece) => segment(marker.profile, "", piece)),
    ...(adobe === undefined ? [] : [
      segment(marker.adobe, prefix.adobe, [0, 100, 0, 0, 0, 0, transformOf(adobe, components)]),
    ]),
    ...kept,
  ];
  if (scanAt === undefined) return { picture: joined(header), metadata: found, isEndAdded: true };
  const rest = file.subarray(scanAt);
  const end = hasEnd(rest) ? [] : [new Uint8Array([0xff, marker.end])];
  const picture = joined([...header, rest, ...end]);
  if (isSequential) {
    evenScans(picture.subarray(picture.length - rest.length - 2 * end.length), components);
  }
  return { picture, metadata: found, isEndAdded: end.length > 0 };
}

interface Segment {
  readonly code: number;
  /** Where its marker begins. */
  readonly at: number;
  /** Without marker and length. */
  readonly data: Uint8Array;
}

/**
 * The segments up to the first scan, that included. It ends before what a decoder cannot read on
 * behind: a length that cannot be, the picture's end.
 */
function* headerSegments(file: Uint8Array): Generator<Segment> {
  let at = 2;
  for (;;) {
    at = file.indexOf(0xff, at); // decoders pass over what stands between segments
    while (file[at + 1] === 0xff) at++;
    if (at < 0 || at + 4 > file.length) return;
    const code = file[at + 1]!;
    if (code === marker.end || code === 0xd8) return;
    if (code === 0 || code === 1 || (code >= 0xd0 && code <= 0xd7)) {
      at += 2;
      continue;
    }
    const length = file[at + 2]! * 256 + file[at + 3]!;
    if (length < 2 || at + 2 + length > file.length) return;
    yield { code, at, data: file.subarray(at + 4, at + 2 + length) };
    if (code === marker.scan) return;
    at += 2 + length;
  }
}

/** The pieces of a color profile (ICC.1, B.4), each with its number and how many there are. */
class ProfilePieces {
  readonly #pieces = new Map<number, Uint8Array>();
  #bytes = 0;

  add(data: Uint8Array): void {
    this.#pieces.set(data[12] ?? 0, data);
    this.#bytes += data.length;
  }

  /** All of them in order; none where one is missing, or where they are too large together. */
  whole(): Uint8Array[] {
    const count = this.#pieces.size;
    if (this.#bytes > MAX_PROFILE_BYTES) return [];
    const pieces = Array.from({ length: count }, (_, index) => this.#pieces.get(index + 1));
    return pieces.every((piece): piece is Uint8Array => piece?.[13] === count) ? pieces : [];
  }
}

/** Pixels an inch, of a JFIF header (its version 1.02, page 5). */
function resolutionOfJfif(data: Uint8Array): Resolution | undefined {
  const [unit, x, y] = [data[7], data[8]! * 256 + data[9]!, data[10]! * 256 + data[11]!];
  const inches = unit === 1 ? 1 : unit === 2 ? 2.54 : undefined;
  return inches && x && y ? { x: x * inches, y: y * inches } : undefined;
}

/** Adobe's code for the colors; of an unknown one decoders take what is usual. */
function transformOf(code: number, components: number): number {
  if (components === 4) return code === 0 ? 0 : 2;
  return code === 0 ? 0 : 1;
}

/** Whether the picture's end is marked: in its data this cannot stand for anything else. */
function hasEnd(scans: Uint8Array): boolean {
  if (scans.at(-2) === 0xff && scans.at(-1) === marker.end) return true;
  for (let at = scans.indexOf(0xff); at >= 0; at = scans.indexOf(0xff, at + 1)) {
    if (scans[at + 1] === marker.end) return true;
  }
  return false;
}

function begins(data: Uint8Array, text: string): boolean {
  return data.length >= text.length &&
    [...text].every((letter, index) => data[index] === letter.charCodeAt(0));
}

/** A segment of a JPEG. */
export function segment(code: number, text: string, data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + text.length + data.length);
  const length = bytes.length - 2;
  bytes.set([0xff, code, length >> 8, length & 255]);
  bytes.set([...text].map((letter) => letter.charCodeAt(0)), 4);
  bytes.set(data, 4 + text.length);
  return bytes;
}
