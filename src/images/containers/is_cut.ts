import type { PhotoFormat } from "../photo_format.ts";
import { mediaBoxes } from "./media_boxes.ts";
import { itemPlaces } from "./media_items.ts";
import { pngChunks } from "./png_chunks.ts";
import { riffChunks } from "./riff_chunks.ts";

const CHECKS: Partial<Record<PhotoFormat, (file: Uint8Array) => boolean>> = {
  png: (file) => [...pngChunks(file)].at(-1)?.type !== "IEND",
  webp: (file) => [...riffChunks(file)].some(({ missingBytes }) => missingBytes > 0),
  avif: isAvifCut,
};

/**
 * Whether the file of a photo that cannot be decoded ends too early, by its layout alone: what the
 * library says of it may be about another photo that was decoded at the same time.
 *
 * @returns false also where it cannot be told.
 */
export function isCut(file: Uint8Array, format: PhotoFormat): boolean {
  return CHECKS[format]?.(file) ?? false;
}

function isAvifCut(file: Uint8Array): boolean {
  const meta = mediaBoxes(file, 0, file.length).find(({ type }) => type === "meta");
  const table = meta && mediaBoxes(file, meta.contentAt + 4, meta.end)
    .find(({ type }) => type === "iloc");
  const places = table && itemPlaces(file, table);
  return places?.some(({ method, extents }) =>
    method === 0 && extents.some(({ offset, length }) => offset + length > file.length)
  ) ?? true;
}
