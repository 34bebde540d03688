import { imageOf, type Picture } from "./encode.ts";

/**
 * How photos are squashed to a square. `triangle` averages over all that a result's pixel covers, so
 * that nothing aliases; `bilinear` mixes the four pixels nearest to its centre however much is left
 * out between them, as OpenCV's `resize` does by default, with whose numbers some papers measure.
 */
export type SquashFilter = "triangle" | "bilinear";

/**
 * Squashes by the four pixels nearest to each result's centre, centres half a pixel from the edges.
 *
 * @param rgb [height, width, 3].
 * @param size pixels along a side, from 1.
 * @returns [size, size, 3], rounded; the caller's own.
 */
export function squashBilinearly(
  rgb: Uint8Array,
  { width, height, size }: {
    readonly width: number;
    readonly height: number;
    readonly size: number;
  },
): Uint8Array<ArrayBuffer> {
  const across = nearestOf(width, size);
  const squashed = new Uint8Array(size * size * 3);
  let to = 0;
  for (const { first: top, second: bottom, share: down } of nearestOf(height, size)) {
    for (const { first: left, second: right, share } of across) {
      for (let channel = 0; channel < 3; channel++) {
        const at = (y: number, x: number) => rgb[(y * width + x) * 3 + channel]!;
        const above = at(top, left) * (1 - share) + at(top, right) * share;
        const below = at(bottom, left) * (1 - share) + at(bottom, right) * share;
        squashed[to++] = Math.round(above * (1 - down) + below * down);
      }
    }
  }
  return squashed;
}

/** For each of `size` pixels along an axis: the two nearest of `length`, and the second's share. */
function nearestOf(length: number, size: number) {
  return Array.from({ length: size }, (_, index) => {
    const center = Math.min(Math.max((index + 0.5) * length / size - 0.5, 0), length - 1);
    const first = Math.min(Math.floor(center), Math.max(length - 2, 0));
    return { first, second: Math.min(first + 1, length - 1), share: center - first };
  });
}

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
