import { readExif } from "./exif.ts";
import type { FoundMetadata, PhotoMetadata, Resolution } from "./photo_metadata.ts";
import { keptXmp } from "./xmp_packet.ts";

/**
 * What of a photo's metadata a result keeps: resolution, date, author, camera, place, and XMP.
 *
 * @param options `scale`: the result's pixels a side for one of the photo's.
 */
export function keptMetadata(
  { exif, xmp, resolution }: FoundMetadata,
  { scale }: { readonly scale: number },
): PhotoMetadata {
  const read = exif && readExif(exif);
  const stored = read?.resolution ?? resolution;
  const isTurned = (read?.orientation ?? 1) >= 5; // by a quarter
  return {
    resolution: stored && sound(isTurned ? { x: stored.y, y: stored.x } : stored, scale),
    exif: read?.fields,
    xmp: xmp && keptXmp(xmp),
  };
}

/** Nothing of what a person may not want to give away: how many pixels an inch has is all that stays. */
export function strippedMetadata({ resolution }: PhotoMetadata): PhotoMetadata {
  return { resolution };
}

/** A microfilm has some 10,000 pixels an inch; a poster of the size of a house less than one. */
function sound({ x, y }: Resolution, scale: number): Resolution | undefined {
  const isSound = (value: number) => value >= 0.01 && value <= 100_000;
  const scaled = { x: x * scale, y: y * scale };
  return isSound(scaled.x) && isSound(scaled.y) ? scaled : undefined;
}
