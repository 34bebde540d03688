import type { EncodeFormat } from "./encode_format.ts";
import type { PhotoFormat } from "./photo_format.ts";

/** What a photo's header says, as far as work on it depends on that. */
export interface PhotoSize {
  /** In pixels, as stored. */
  readonly width: number;
  readonly height: number;
  readonly format: PhotoFormat;
  /** Whether its 16 bits a channel are kept; not when left out. */
  readonly isDeep?: boolean | undefined;
}

/**
 * Bytes a pixel that decoding takes at most beside its result: a progressive JPEG's coefficients, an
 * interlaced PNG of 16 bits, the planes of an AVIF in 10 bits.
 */
const DECODING: Readonly<Record<PhotoFormat, number>> = {
  jpeg: 6,
  png: 8,
  tiff: 8,
  webp: 5,
  gif: 8,
  avif: 12,
};

/** RGB and alpha as they come, and once more apart. */
const DECODED = 8;

/** What 16 bits a channel add to that, to the coloured RGB, and to encoding. */
const DEEP = 2 * DECODED + 6 + 8;

/** The coloured RGB. */
const COLOURED = 3;

/** Bytes a pixel that encoding takes, RGB and alpha together included. Measured at 12 million pixels. */
const ENCODING: Readonly<Record<EncodeFormat, number>> = {
  jpeg: 5,
  png: 7,
  tiff: 7,
  webp: 20,
  avif: 38,
};

/** Memory that decoding a photo to a small square takes, in bytes. */
export function squareBytes({ width, height, format }: PhotoSize): number {
  return width * height * DECODING[format];
}

/** Memory that decoding a photo at its own size takes, in bytes. */
export function decodedBytes({ width, height, format }: PhotoSize): number {
  return width * height * (DECODING[format] + DECODED);
}

/**
 * Memory that colorizing a photo takes, in bytes: its peak, and what the phases before have left.
 *
 * @param maxSide the longer side of the result at most; 0: the photo's own.
 * @param encodeAs how the result is encoded.
 */
export function colorizingBytes(
  { width, height, format, isDeep = false }: PhotoSize,
  maxSide: number,
  encodeAs: EncodeFormat,
): number {
  const longer = Math.max(width, height);
  const scale = maxSide > 0 && maxSide < longer ? maxSide / longer : 1;
  const result = width * height * scale ** 2;
  const working = DECODED + COLOURED + ENCODING[encodeAs] + (isDeep ? DEEP : 0);
  return width * height * DECODING[format] + result * working;
}
