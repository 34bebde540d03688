import { exifOfOrientation, readExif } from "../metadata/exif.ts";
import type { FoundMetadata } from "../metadata/photo_metadata.ts";
import { MAX_PROFILE_BYTES, type PhotoParts } from "./photo_parts.ts";
import { riffChunk, riffChunks, webpOf } from "./riff_chunks.ts";

const PICTURE = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"]);

/** Bits of the VP8X chunk that tell which others there are. */
export const webpFlags = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;

/** Takes a WebP apart: EXIF, XMP and unknown chunks do not reach the decoder. */
export function takeWebpApart(file: Uint8Array): PhotoParts {
  const kept: Uint8Array[] = [];
  let found: FoundMetadata = {};
  let flags: Uint8Array | undefined;
  let hasProfile = false;
  let missingBytes = 0;
  for (const chunk of riffChunks(file)) {
    const { type, data } = chunk;
    const isProfile = type === "ICCP" && data.length <= MAX_PROFILE_BYTES;
    hasProfile ||= isProfile;
    if (type === "VP8X") {
      kept.push(riffChunk("VP8X", data));
      flags = kept.at(-1)!.subarray(8);
    } else if (isProfile || PICTURE.has(type)) {
      kept.push(chunk.whole);
      missingBytes = chunk.missingBytes;
    } else if (type === "EXIF") found = { exif: withoutPrefix(data), ...found };
    else if (type === "XMP ") found = { xmp: data, ...found };
  }
  const orientation = found.exif && readExif(found.exif)?.orientation || 1;
  if (flags?.[0] !== undefined) {
    flags[0] &= ~(webpFlags.profile | webpFlags.exif | webpFlags.xmp);
    if (hasProfile) flags[0] |= webpFlags.profile;
    if (orientation > 1 && missingBytes === 0) {
      flags[0] |= webpFlags.exif;
      kept.push(riffChunk("EXIF", exifOfOrientation(orientation)));
    }
  }
  return { picture: webpOf(kept, missingBytes), metadata: found };
}

/** Some writers put the six bytes before it that EXIF has in a JPEG. */
function withoutPrefix(exif: Uint8Array): Uint8Array {
  return exif[0] === 0x45 && exif[4] === 0 ? exif.subarray(6) : exif;
}
