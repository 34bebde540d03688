import { addAvifItems } from "../containers/avif_items.ts";
import { segment } from "../containers/jpeg_parts.ts";
import { PNG_SIGNATURE_BYTES, pngChunk, pngChunks } from "../containers/png_chunks.ts";
import { pngResolution, pngXmp } from "../containers/png_parts.ts";
import { riffChunk, riffChunks, webpOf } from "../containers/riff_chunks.ts";
import { webpFlags } from "../containers/webp_parts.ts";
import type { EncodeFormat } from "../encode_format.ts";
import { exifOf, joined } from "./exif.ts";
import type { PhotoMetadata, Resolution } from "./photo_metadata.ts";
import { embedInTiff } from "./tiff_fields.ts";

/** A picture that was encoded by the library, without metadata. */
interface EncodedPicture {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
}

/**
 * Puts metadata into an encoded picture, as its format holds it. Without a resolution none is claimed,
 * where the library would claim one.
 *
 * @returns the file's bytes.
 */
export function embedMetadata(
  picture: EncodedPicture,
  format: EncodeFormat,
  metadata: PhotoMetadata,
): Uint8Array<ArrayBuffer> {
  return EMBED[format](picture, metadata);
}

const EMBED: Record<
  EncodeFormat,
  (picture: EncodedPicture, metadata: PhotoMetadata) => Uint8Array<ArrayBuffer>
> = {
  jpeg: embedInJpeg,
  png: embedInPng,
  webp: embedInWebp,
  tiff: ({ file }, metadata) => embedInTiff(file, metadata),
  avif: ({ file }, metadata) =>
    addAvifItems(file, exifBlob(metadata, "with resolution"), metadata.xmp),
};

/** EXIF where there is something to say; the resolution by itself only where the format has no place for it. */
function exifBlob(
  { exif, resolution }: PhotoMetadata,
  alone: "with resolution" | "fields only",
): Uint8Array | undefined {
  const has = exif !== undefined &&
    exif.picture.length + exif.taken.length + exif.place.length > 0;
  if (!has && (alone === "fields only" || resolution === undefined)) return undefined;
  return exifOf(exif ?? { picture: [], taken: [], place: [] }, resolution);
}

function embedInJpeg({ file }: EncodedPicture, metadata: PhotoMetadata): Uint8Array<ArrayBuffer> {
  const hasJfif = file[2] === 0xff && file[3] === 0xe0;
  const rest = hasJfif ? 4 + file[4]! * 256 + file[5]! : 2;
  const exif = exifBlob(metadata, "fields only");
  const { xmp } = metadata;
  return joined([
    file.subarray(0, 2),
    segment(0xe0, "JFIF\0", jfifOf(metadata.resolution)),
    ...(exif ? [segment(0xe1, "Exif\0\0", exif)] : []),
    ...(xmp ? [segment(0xe1, "http://ns.adobe.com/xap/1.0/\0", xmp)] : []),
    file.subarray(rest),
  ]);
}

/** Version 1.01, a unit (1: inch, 0: none), how many pixels it has, no thumbnail. */
function jfifOf(resolution: Resolution | undefined): number[] {
  const bytes = (number: number) => {
    const whole = Math.min(65_535, Math.max(1, Math.round(number)));
    return [whole >> 8, whole & 255];
  };
  return resolution
    ? [1, 1, 1, ...bytes(resolution.x), ...bytes(resolution.y), 0, 0]
    : [1, 1, 0, 0, 1, 0, 1, 0, 0];
}

function embedInPng({ file }: EncodedPicture, metadata: PhotoMetadata): Uint8Array<ArrayBuffer> {
  const [header, ...others] = [...pngChunks(file)].filter(({ type }) => type !== "pHYs");
  const exif = exifBlob(metadata, "fields only");
  return joined([
    file.subarray(0, PNG_SIGNATURE_BYTES),
    header!.whole,
    ...(metadata.resolution ? [pngResolution(metadata.resolution)] : []),
    ...(exif ? [pngChunk("eXIf", exif)] : []),
    ...(metadata.xmp ? [pngXmp(metadata.xmp)] : []),
    ...others.map(({ whole }) => whole),
  ]);
}

function embedInWebp(
  { file, width, height, hasAlpha }: EncodedPicture,
  metadata: PhotoMetadata,
): Uint8Array<ArrayBuffer> {
  const exif = exifBlob(metadata, "with resolution");
  const { xmp } = metadata;
  if (!exif && !xmp) return file;
  const chunks = [...riffChunks(file)];
  const header = new Uint8Array(10);
  header.set(chunks.find(({ type }) => type === "VP8X")?.data ?? []);
  header[0]! |= (exif ? webpFlags.exif : 0) | (xmp ? webpFlags.xmp : 0) |
    (hasAlpha ? webpFlags.alpha : 0);
  for (const [at, side] of [[4, width - 1], [7, height - 1]] as const) {
    header.set([side & 255, side >> 8 & 255, side >> 16], at);
  }
  return webpOf([
    riffChunk("VP8X", header),
    ...chunks.filter(({ type }) => type !== "VP8X").map(({ whole }) => whole),
    ...(exif ? [riffChunk("EXIF", exif)] : []),
    ...(xmp ? [riffChunk("XMP ", xmp)] : []),
  ]);
}
