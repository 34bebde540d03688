import type { Sharp } from "sharp";
import { TinctError } from "../errors.ts";
import type { DeepPixels } from "./deep_pixels.ts";
import type { EncodeFormat } from "./encode_format.ts";
import { embedMetadata } from "./metadata/embed.ts";
import type { PhotoMetadata } from "./metadata/photo_metadata.ts";
import { photoLibrary } from "./photo_library.ts";

/** What is encoded. The arrays must not change until the promise settles. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], sRGB. */
  readonly rgb: Uint8Array;
  /** [height, width], 255 opaque. JPEG cannot hold it: there the picture is laid over white. */
  readonly alpha?: Uint8Array | undefined;
  /** The same picture in 16 bits, which PNG and TIFF hold; `rgb` alone where it has no more than 8. */
  readonly deep?: DeepPixels | undefined;
}

/** Whether a file of the format can have 16 bits a channel. */
export function isDeepFormat(format: EncodeFormat): boolean {
  return format === "png" || format === "tiff";
}

/** How a picture is encoded. */
interface EncodeOptions {
  /** PNG and TIFF lose nothing. */
  readonly format: EncodeFormat;
  /** 1 to 100 for JPEG, WebP and AVIF; when left out 92, 90 and 70. */
  readonly quality?: number | undefined;
  /**
   * Chroma at full resolution ("4:4:4", when left out) or at half ("4:2:0"), for JPEG and AVIF. A
   * colorizer's work is the chroma, so halving it throws away half of that.
   */
  readonly chroma?: "4:4:4" | "4:2:0" | undefined;
  /** What the file says besides; nothing when left out. */
  readonly metadata?: PhotoMetadata | undefined;
}

/** WebP stores a side in 14 bits. */
const MAX_WEBP_SIDE = 16_383;

/**
 * Encodes a picture.
 *
 * @returns the file's bytes; the caller's own.
 * @throws {TinctError} invalid_argument when the picture is too large or too detailed for the format.
 * @throws {RangeError} when the sizes do not match the arrays, or quality is not 1 to 100.
 */
export async function encodePhoto(
  picture: Picture,
  { format, quality, chroma = "4:4:4", metadata = {} }: EncodeOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, deep } = picture;
  const image = deep && isDeepFormat(format)
    ? imageOf({ width, height, ...deep }).toColourspace("rgb16")
    : imageOf(picture);
  if (quality !== undefined && (!Number.isInteger(quality) || quality < 1 || quality > 100)) {
    throw new RangeError(`quality is an integer from 1 to 100, not ${quality}.`);
  }
  if (format === "webp" && Math.max(width, height) > MAX_WEBP_SIDE) {
    throw new TinctError(
      "invalid_argument",
      `WebP holds at most ${MAX_WEBP_SIDE} pixels per side, and the picture is ${width} x ${height}; ` +
        "choose PNG or JPEG.",
    );
  }
  const isLarge = (pixels: number) => width * height > pixels;
  let file: Uint8Array<ArrayBuffer>;
  try {
    file = new Uint8Array(await ENCODERS[format](image, quality, chroma, isLarge).toBuffer());
  } catch (cause) {
    // WebP has a part for all that is told of blocks, which large and restless pictures fill.
    throw new TinctError(
      "invalid_argument",
      `The picture of ${width} x ${height} pixels does not fit into a file of the format ${format}` +
        (quality === undefined ? "" : ` at quality ${quality}`) +
        ": make it smaller, give a lower quality, or choose PNG or JPEG.",
      { cause },
    );
  }
  const hasAlpha = picture.alpha !== undefined;
  return embedMetadata({ file, width, height, hasAlpha }, format, metadata);
}

/**
 * A picture's pixels alone.
 *
 * @returns [height, width, 3], sRGB, laid over white where it has alpha; else `rgb` itself.
 * @throws {RangeError} when the sizes do not match the arrays.
 */
export async function flatPixels(
  { width, height, rgb, alpha }: Omit<Picture, "deep">,
): Promise<Uint8Array> {
  if (alpha === undefined) return rgb;
  const opaque = imageOf({ width, height, rgb, alpha }).flatten({ background: "white" });
  return new Uint8Array(await opaque.raw().toBuffer());
}

/**
 * A picture as the library takes it.
 *
 * @throws {RangeError} when the sizes do not match the arrays.
 */
export function imageOf(
  { width, height, rgb, alpha }: Pick<Picture, "width" | "height"> & (Picture | DeepPixels),
): Sharp {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`A picture has at least one pixel, not ${width} x ${height}.`);
  }
  if (rgb.length !== width * height * 3) {
    throw new RangeError(`rgb has ${rgb.length} samples; ${width} x ${height} needs 3 a pixel.`);
  }
  if (alpha && alpha.length !== width * height) {
    throw new RangeError(
      `alpha has ${alpha.length} samples; ${width} x ${height} needs 1 a pixel.`,
    );
  }
  return photoLibrary()(alpha ? joinAlpha(rgb, alpha) : rgb, {
    raw: { width, height, channels: alpha ? 4 : 3 },
    limitInputPixels: false,
  });
}

const ENCODERS: Record<
  EncodeFormat,
  (
    image: Sharp,
    quality: number | undefined,
    chroma: "4:4:4" | "4:2:0",
    isLarge: (pixels: number) => boolean,
  ) => Sharp
> = {
  // Code tables made for each picture would save 2% of the bytes and take two thirds of the time.
  jpeg: (image, quality = 92, chroma) =>
    image.flatten({ background: "white" })
      .jpeg({ quality, chromaSubsampling: chroma, optimiseCoding: false }),
  png: (image) => image.png(),
  // WebP's lossy mode always halves the chroma; sharpening the conversion is what it offers instead.
  webp: (image, quality = 90, _chroma, isLarge) =>
    image.webp({ quality, smartSubsample: true, effort: isLarge(MAX_CAREFUL_WEBP) ? 0 : 4 }),
  tiff: (image) => image.tiff({ compression: "deflate", predictor: "horizontal" }),
  avif: (image, quality = 70, chroma, isLarge) =>
    image.avif({ quality, chromaSubsampling: chroma, effort: isLarge(MAX_CAREFUL_AVIF) ? 0 : 3 }),
};

/**
 * Pixels up to which AVIF and WebP are made with care. AVIF's effort 4 takes 2 to 3 s of processor time
 * a million pixels, 3 a sixth of that for files 7 % larger, 0 a thirtieth for files a quarter larger;
 * WebP's 4 takes 0.3 s, 0 half of that.
 */
const MAX_CAREFUL_AVIF = 4e6, MAX_CAREFUL_WEBP = 12e6;

type Samples = Uint8Array | Uint16Array;

/** @param alpha of the type that `rgb` is of. */
function joinAlpha(rgb: Samples, alpha: Samples): Samples {
  const rgba = new (rgb instanceof Uint16Array ? Uint16Array : Uint8Array)(alpha.length * 4);
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    rgba[pixel * 4] = rgb[pixel * 3]!;
    rgba[pixel * 4 + 1] = rgb[pixel * 3 + 1]!;
    rgba[pixel * 4 + 2] = rgb[pixel * 3 + 2]!;
    rgba[pixel * 4 + 3] = alpha[pixel]!;
  }
  return rgba;
}
