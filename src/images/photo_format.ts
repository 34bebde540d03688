import { extname } from "node:path";
import { PhotoError } from "./photo_error.ts";

/** The kinds of photo that can be read. */
export type PhotoFormat = "jpeg" | "png" | "webp" | "tiff" | "gif" | "avif";

const FORMAT_OF_EXTENSION: ReadonlyMap<string, PhotoFormat> = new Map([
  [".jpg", "jpeg"],
  [".jpeg", "jpeg"],
  [".jpe", "jpeg"],
  [".jfif", "jpeg"],
  [".png", "png"],
  [".webp", "webp"],
  [".tif", "tiff"],
  [".tiff", "tiff"],
  [".gif", "gif"],
  [".avif", "avif"],
]);

/** The extensions by which photos are found in a folder, lower case, with their dot. */
export const PHOTO_EXTENSIONS: readonly string[] = [...FORMAT_OF_EXTENSION.keys()];

/** More than any file's first box takes. */
const MAX_BRANDS_BYTES = 4096;

/** Enough of a file's beginning to recognize its format. */
export const SIGNATURE_BYTES = 64;

/** The format that a file's extension stands for, whatever its case; undefined for any other. */
export function formatOfExtension(path: string): PhotoFormat | undefined {
  return FORMAT_OF_EXTENSION.get(extname(path).toLowerCase());
}

/**
 * Recognizes a photo by its first bytes. Only what is recognized here is ever given to a decoder.
 *
 * @param bytes the file from its beginning; only that is looked at.
 * @param photo the name for the error.
 * @throws {PhotoError} invalid_argument for anything but the six formats.
 */
export function recognizeFormat(bytes: Uint8Array, photo: string): PhotoFormat {
  if (bytes.length === 0) {
    throw new PhotoError(
      "invalid_argument",
      photo,
      "is empty (0 bytes); copy it again from its source",
    );
  }
  const start = bytes.subarray(0, SIGNATURE_BYTES);
  // One character a byte, so that signatures can be written as strings.
  const head = String.fromCharCode(...start);
  const format = readableFormat(head);
  if (format !== undefined) return format;
  throw new PhotoError(
    "invalid_argument",
    photo,
    `is ${describeOther(start, head)}; Tinct reads JPEG, PNG, WebP, TIFF, GIF and AVIF`,
  );
}

function describeOther(start: Uint8Array, head: string): string {
  const known = OTHER_SIGNATURES.find(([signature]) => signature.test(head))?.[1];
  if (known !== undefined) return known;
  if (isUtf8(start) && !start.some(isControl)) return "text";
  const firstBytes = [...start.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `of no known format (it begins with ${firstBytes.join(" ")})`;
}

/** Control characters that texts do not have; tab to carriage return are theirs. */
function isControl(byte: number): boolean {
  return byte < 9 || (byte > 13 && byte < 32);
}

/** Whether bytes are UTF-8; the last character may be cut. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function readableFormat(head: string): PhotoFormat | undefined {
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) return "webp";
  // "+" is BigTIFF.
  if (["II*\0", "MM\0*", "II+\0", "MM\0+"].some((magic) => head.startsWith(magic))) return "tiff";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (brands(head).some((brand) => brand === "avif" || brand === "avis")) return "avif";
  return undefined;
}

/**
 * The major and compatible brands of an ISO media file's first box (ISO/IEC 14496-12, 4.3); none where
 * the box cannot be one: what stands for its size is text in a drawing that begins `<!--ftypavif`.
 */
function brands(head: string): string[] {
  if (!head.startsWith("ftyp", 4)) return [];
  const size = [...head.slice(0, 4)].reduce((sum, byte) => sum * 256 + byte.charCodeAt(0), 0);
  // A type, a major brand and a version, then brands of four bytes; files have 2 to 10 of them.
  if (size < 16 || size > MAX_BRANDS_BYTES || size % 4 !== 0) return [];
  const end = Math.min(head.length, size);
  const found = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(head.slice(at, at + 4));
  return found;
}

const OTHER_SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [
    /^version https:\/\/git-lfs/,
    "a pointer of Git LFS and not the file itself (git lfs pull gets it)",
  ],
  [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)/i, "a web page (HTML)"],
  [/^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!)/i, "an SVG drawing or other XML"],
  [/^%PDF/, "a PDF document"],
  [/^.{4}ftyp(?:hei|hev|mif1|msf1)/s, "a HEIC photo (save it as JPEG first)"],
  [/^.{4}ftyp/s, "a video"],
  [/^(?:\xff\n|.{4}JXL )/s, "a JPEG XL picture"],
  [/^.{4}jP {2}/s, "a JPEG 2000 picture"],
  [/^BM/, "a BMP picture (save it as PNG first)"],
  [/^8BPS/, "a Photoshop document"],
  [/^PK\W\W/, "a ZIP archive"],
];
