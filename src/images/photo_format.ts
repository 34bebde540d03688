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

/** Enough of a file's beginning to recognize its format. */
const SIGNATURE_BYTES = 64;

/** The format that a file's extension stands for, whatever its case; undefined for any other. */
export function formatOfExtension(path: string): PhotoFormat | undefined {
  return FORMAT_OF_EXTENSION.get(extname(path).toLowerCase());
}

/**
 * Recognizes a photo by its first bytes. Only what is recognized here is ever given to a decoder:
 * the library would also open SVG and others, which can reach out to files and fonts.
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
  const known = OTHER_SIGNATURES.find(([signature]) => signature.test(head))?.[1];
  const firstBytes = [...start.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  throw new PhotoError(
    "invalid_argument",
    photo,
    `is ${known ?? `of no known format (it begins with ${firstBytes.join(" ")})`}; ` +
      "photos are read as JPEG, PNG, WebP, TIFF, GIF or AVIF",
  );
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

/** The major and compatible brands of an ISO media file's first box (ISO/IEC 14496-12, 4.3). */
function brands(head: string): string[] {
  if (!head.startsWith("ftyp", 4)) return [];
  const end = Math.min(head.length, head.charCodeAt(2) * 256 + head.charCodeAt(3));
  const found = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(head.slice(at, at + 4));
  return found;
}

const OTHER_SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml)/i, "an SVG drawing or other XML"],
  [/^%PDF/, "a PDF document"],
  [/^.{4}ftyp(?:hei|hev|mif1|msf1)/s, "a HEIC photo"],
  [/^.{4}ftyp/s, "a video"],
  [/^(?:\xff\n|.{4}JXL )/s, "a JPEG XL picture"],
  [/^.{4}jP {2}/s, "a JPEG 2000 picture"],
  [/^BM/, "a BMP picture"],
  [/^8BPS/, "a Photoshop document"],
];
