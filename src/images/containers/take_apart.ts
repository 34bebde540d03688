import { DirectoryReader } from "../metadata/directory_reader.ts";
import { joined } from "../metadata/exif.ts";
import type { PhotoFormat } from "../photo_format.ts";
import { takeAvifApart } from "./avif_parts.ts";
import { takeJpegApart } from "./jpeg_parts.ts";
import type { PhotoParts } from "./photo_parts.ts";
import { takePngApart } from "./png_parts.ts";
import { takeWebpApart } from "./webp_parts.ts";

const TAKE_APART: Record<PhotoFormat, (file: Uint8Array) => PhotoParts> = {
  jpeg: takeJpegApart,
  png: takePngApart,
  webp: takeWebpApart,
  avif: takeAvifApart,
  tiff: takeTiffApart,
  gif: takeGifApart,
};

/**
 * Takes a photo's file apart into the picture, which a decoder may be given, and what else it holds,
 * which no decoder of ours ever sees: EXIF that points at itself costs libexif seconds.
 *
 * @param file of the format that its first bytes show; not changed, but parts of it are shared.
 */
export function takeApart(file: Uint8Array, format: PhotoFormat): PhotoParts {
  return TAKE_APART[format](file);
}

const XMP_TAG = 700;

/** What tells of a TIFF stands in the directory that tells where its pixels are; its decoder passes over it. */
function takeTiffApart(file: Uint8Array): PhotoParts {
  const reader = DirectoryReader.open(file);
  const fields = reader?.read(reader.first)?.fields;
  const xmp = fields?.find(({ tag }) => tag === XMP_TAG)?.value;
  return { picture: file, metadata: { exif: file, xmp } };
}

/** The end of a picture's data, and the file's (GIF89a, sections 16 and 27). */
const GIF_END = new Uint8Array([0, 0x3b]);

/** A GIF has nothing that its decoder would look into; one that lacks nothing but its end gets it. */
function takeGifApart(file: Uint8Array): PhotoParts {
  const isEndAdded = file.at(-1) !== GIF_END[1];
  return { picture: isEndAdded ? joined([file, GIF_END]) : file, metadata: {}, isEndAdded };
}
