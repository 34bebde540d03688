import { DirectoryReader, numberOf } from "../metadata/directory_reader.ts";
import type { PhotoFormat } from "../photo_format.ts";
import { pngChunks } from "./png_chunks.ts";

const NEW_SUBFILE_TYPE = 254;
/** Bits of that tag (TIFF 6.0, page 36): a smaller version of another page, or its mask. */
const NO_PAGE = 1 | 4;
/** A scanned book has fewer. */
const MAX_PAGES = 10_000;

/**
 * How many pages a TIFF, or frames an animated PNG has: what the library does not tell, or tells with
 * the small previews counted in.
 *
 * @param file as it came.
 * @returns undefined where the library shall tell.
 */
export function pagesOf(file: Uint8Array, format: PhotoFormat): number | undefined {
  if (format === "png") return framesOfPng(file);
  return format === "tiff" ? tiffPages(file)?.length : undefined;
}

/** Where the directories of a TIFF's pages are, in their order; undefined for what is no classic TIFF. */
export function tiffPages(file: Uint8Array): number[] | undefined {
  const reader = DirectoryReader.open(file);
  if (reader === undefined) return undefined;
  const pages: number[] = [];
  const seen = new Set<number>();
  for (let at = reader.first; at !== 0 && !seen.has(at) && seen.size < MAX_PAGES;) {
    seen.add(at);
    const directory = reader.read(at, NEW_SUBFILE_TYPE);
    if (directory === undefined) break;
    const type = numberOf(directory.fields[0]) ?? 0;
    if ((type & NO_PAGE) === 0) pages.push(at);
    at = directory.next;
  }
  return pages.length > 0 ? pages : undefined;
}

/** An animated PNG says so before its picture (acTL). */
function framesOfPng(file: Uint8Array): number {
  for (const { type, data } of pngChunks(file)) {
    if (type === "IDAT") return 1;
    if (type !== "acTL" || data.length < 8) continue;
    return Math.max(1, new DataView(data.buffer, data.byteOffset, 4).getUint32(0));
  }
  return 1;
}
