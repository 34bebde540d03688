import { decodePhoto, type DecodePhotoOptions, decodeResized, type Photo } from "./decode.ts";
import { jpegSize } from "./jpeg_size.ts";
import { squashPicture } from "./squash.ts";

/** A photo that is being decoded. Where one of the two rejects, nobody need wait for the other. */
interface PhotoWithSquare {
  /** The photo squashed to [size, size, 3], as decodeResized does it; the caller's own. */
  readonly square: Promise<Uint8Array<ArrayBuffer>>;
  readonly photo: Promise<Photo>;
}

/**
 * Decodes a photo for colorizing: its own pixels, and the square that the generator sees. Of a JPEG of
 * four times the size or more the square is decoded by itself, in the same way as for training. That
 * takes a third of the time, so that the generator can begin while the photo is still being decoded.
 * Of smaller ones it would take longer than squashing what is decoded anyhow.
 *
 * @param bytes the file, which must not change meanwhile.
 * @param size pixels along a side of the square, 1 to 4096.
 * @throws {PhotoError} what decodePhoto throws, by either of the two.
 */
export function decodeWithSquare(
  bytes: Uint8Array,
  size: number,
  options: DecodePhotoOptions = {},
): PhotoWithSquare {
  const photo = decodePhoto(bytes, options);
  const square = isLargeJpeg(bytes, size)
    ? decodeResized(bytes, size, options)
    : photo.then((decoded) => squashPicture(decoded, size));
  photo.catch(() => {});
  square.catch(() => {});
  return { square, photo };
}

/** Whether its decoder saves much by shrinking it. */
function isLargeJpeg(bytes: Uint8Array, size: number): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  const { width, height } = jpegSize(bytes) ?? { width: 0, height: 0 };
  return Math.min(width, height) >= 4 * size;
}
