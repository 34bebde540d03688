import { basename } from "node:path";
import type { DecodePhotoOptions, Photo } from "../images/decode.ts";
import type { Picture } from "../images/encode.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import { decodeWithSquare } from "../images/photo_with_square.ts";
import { squashPicture } from "../images/squash.ts";
import type { Colorizer } from "./colorizer.ts";

/** How pictures are colorized. */
export interface ColorizeOptions {
  /** Factor on the predicted colours, from 0 (gray); 1 when left out. */
  readonly saturation?: number | undefined;
  /** Its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Colorizes a decoded picture at its own resolution. Each pixel keeps its lightness, to within the
 * rounding of 8 bits, and alpha stays; the picture's own colours do not matter.
 *
 * @param picture its arrays must not change meanwhile.
 * @returns the picture in colour; it shares alpha with the given one.
 */
export async function colorizePicture<T extends Picture>(
  picture: T,
  colorizer: Colorizer,
  options: ColorizeOptions = {},
): Promise<T & { readonly rgb: Uint8Array<ArrayBuffer> }> {
  const square = squashPicture(picture, colorizer.size);
  return await colorize({ square, photo: picture }, colorizer, options);
}

/**
 * Decodes a photo and colorizes it, upright, at its own resolution or scaled down to fit.
 *
 * @param source the file's bytes, which must not change meanwhile, or its path.
 * @throws {PhotoError} as decodePhoto.
 */
export async function colorizePhoto(
  source: Uint8Array | string,
  colorizer: Colorizer,
  options: ColorizeOptions & DecodePhotoOptions = {},
): Promise<Photo> {
  const name = options.name ?? (typeof source === "string" ? basename(source) : undefined);
  const bytes = typeof source === "string"
    ? (await readPhotoFile(source, name ?? source)).bytes
    : source;
  const decoded = decodeWithSquare(bytes, colorizer.size, { ...options, name });
  return await colorize(decoded, colorizer, options);
}

/** The photo may still be on its way while the colours are predicted. */
async function colorize<T extends Picture>(
  { square, photo }: { readonly square: Promise<Uint8Array>; readonly photo: T | Promise<T> },
  colorizer: Colorizer,
  { saturation, signal }: ColorizeOptions,
): Promise<T & { readonly rgb: Uint8Array<ArrayBuffer> }> {
  const seen = await square;
  signal?.throwIfAborted();
  const [ab] = await colorizer.predict([seen]);
  try {
    const picture = await photo;
    return { ...picture, rgb: await colorizer.recolor(picture, ab!, { saturation, signal }) };
  } finally {
    ab?.dispose();
  }
}
