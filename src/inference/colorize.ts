import { decodePhoto, type DecodePhotoOptions, type Photo } from "../images/decode.ts";
import type { Picture } from "../images/encode.ts";
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
  { saturation, signal }: ColorizeOptions = {},
): Promise<T & { readonly rgb: Uint8Array<ArrayBuffer> }> {
  const square = await squashPicture(picture, colorizer.size);
  signal?.throwIfAborted();
  const [ab] = await colorizer.predict([square]);
  try {
    return { ...picture, rgb: await colorizer.recolor(picture, ab!, { saturation, signal }) };
  } finally {
    ab?.dispose();
  }
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
  return await colorizePicture(await decodePhoto(source, options), colorizer, options);
}
