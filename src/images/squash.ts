import { imageOf, type Picture } from "./encode.ts";

/**
 * Squashes a decoded picture to a square (its aspect is not kept), as decodeResized does while it
 * decodes: the same filter, alpha laid over white. Only its shortcut through a JPEG's frequencies is
 * not taken.
 *
 * @param picture its arrays must not change until the promise settles.
 * @param size pixels along a side, 1 to 4096.
 * @returns [size, size, 3]; the caller's own.
 * @throws {RangeError} when there is no such size, or the picture's sizes do not match its arrays.
 */
export async function squashPicture(
  picture: Picture,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new RangeError(`size is 1 to 4096 pixels, not ${size}.`);
  }
  const bytes = await imageOf(picture)
    .flatten({ background: "white" })
    .resize(size, size, { fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  return new Uint8Array(bytes);
}
