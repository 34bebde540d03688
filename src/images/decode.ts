import { basename } from "node:path";
import type { Sharp } from "sharp";
import { messageOf } from "../errors.ts";
import { isGray } from "./gray.ts";
import { countJpegScans } from "./jpeg_scans.ts";
import { jpegSize } from "./jpeg_size.ts";
import { PhotoError } from "./photo_error.ts";
import { readPhotoFile } from "./photo_file.ts";
import { type PhotoFormat, recognizeFormat } from "./photo_format.ts";
import { photoLibrary } from "./photo_library.ts";

/** A decoded photo: upright, sRGB, 8 bits. All arrays are the caller's own. */
export interface Photo {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], not multiplied by alpha. */
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** [height, width], 255 opaque; undefined when the photo has no alpha channel. */
  readonly alpha: Uint8Array<ArrayBuffer> | undefined;
  /** Whether it has (nearly) no chroma; see isGray. */
  readonly isGray: boolean;
  readonly format: PhotoFormat;
}

/** Options of everything that decodes. */
export interface DecodeOptions {
  /** The photo's name in errors; the path's last part, or "The photo", when left out. */
  readonly name?: string | undefined;
  /** The most pixels a photo may have, checked before any is decoded; 50 million when left out. */
  readonly maxPixels?: number | undefined;
  /** The longest side a photo may have, in pixels; 20,000 when left out. */
  readonly maxSide?: number | undefined;
  /** Ends the waiting at once with its reason; a decoder that is running ends in the background. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of decodePhoto. */
export interface DecodePhotoOptions extends DecodeOptions {
  /**
   * The longer side of the result at most, in pixels, from 1: a larger photo is scaled down. Its own
   * size when left out.
   */
  readonly fitWithin?: number | undefined;
}

/**
 * Decodes a photo, at its own resolution unless told otherwise: JPEG, PNG, WebP, TIFF, AVIF, GIF (of several frames or
 * pages the first). EXIF orientation is applied, CMYK and embedded profiles become sRGB, 16 bits
 * become 8 (the upper ones).
 *
 * @param source the file's bytes, which must not change meanwhile, or its path.
 * @throws {PhotoError} one sentence naming the photo: empty, of another format, over a limit
 *   (of pixels, of a JPEG's scans), damaged or cut short; from a path also what readPhotoFile throws.
 */
export async function decodePhoto(
  source: Uint8Array | string,
  { fitWithin, ...options }: DecodePhotoOptions = {},
): Promise<Photo> {
  if (fitWithin !== undefined && (!Number.isInteger(fitWithin) || fitWithin < 1)) {
    throw new RangeError(`fitWithin is a whole number of pixels from 1, not ${fitWithin}.`);
  }
  const { image, format, name } = await openPhoto(source, options);
  if (fitWithin !== undefined) {
    image.resize(fitWithin, fitWithin, { fit: "inside", withoutEnlargement: true });
  }
  const { data, info } = await decoding(
    image.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true }),
    name,
    options.signal,
  );
  const { width, height, channels } = info;
  const { rgb, alpha } = splitChannels(data, width * height, channels, name);
  return { width, height, rgb, alpha, isGray: isGray(rgb), format };
}

/**
 * Decodes a photo squashed to a square (its aspect is not kept), as training and the generator want
 * it. Alpha is laid over white; all else as in decodePhoto.
 *
 * The filter is a triangle as wide as the shrinking asks for, so nothing aliases and nothing rings.
 * A JPEG at least twice the size is first shrunk by its decoder in the frequency domain, which is
 * several times faster and was found 34 dB from the full way on a zone plate and beyond 37 dB on photos.
 *
 * @param size pixels along a side, 1 to 4096.
 * @returns [size, size, 3]; the caller's own.
 * @throws {PhotoError} as decodePhoto.
 */
export async function decodeResized(
  source: Uint8Array | string,
  size: number,
  options: DecodeOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await decodeSquare(source, size, options)).rgb;
}

/** A photo squashed to a square, and its own size as it is stored, before any rotation. */
export interface SquarePhoto {
  readonly rgb: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** As decodeResized, with the size that the photo itself has. */
export async function decodeSquare(
  source: Uint8Array | string,
  size: number,
  options: DecodeOptions = {},
): Promise<SquarePhoto> {
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new RangeError(`size is 1 to 4096 pixels, not ${size}.`);
  }
  const { image, name, width, height } = await openPhoto(source, options);
  const { data, info } = await decoding(
    image
      .flatten({ background: "white" })
      .resize(size, size, { fit: "fill", kernel: "linear" })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true }),
    name,
    options.signal,
  );
  const { rgb } = splitChannels(data, size * size, info.channels, name);
  return { rgb, width, height };
}

interface OpenPhoto {
  readonly image: Sharp;
  readonly format: PhotoFormat;
  readonly name: string;
  /** As stored, before any rotation. */
  readonly width: number;
  readonly height: number;
}

/** Reads the header, refuses what is over a limit, and gives a pipeline that has decoded nothing. */
async function openPhoto(
  source: Uint8Array | string,
  { name, maxPixels = 50e6, maxSide = 20_000, signal }: DecodeOptions,
): Promise<OpenPhoto> {
  signal?.throwIfAborted();
  const photo = name ?? (typeof source === "string" ? basename(source) : "The photo");
  const bytes = typeof source === "string" ? (await readPhotoFile(source, photo)).bytes : source;
  signal?.throwIfAborted();
  const format = recognizeFormat(bytes, photo);
  const header = (format === "jpeg" && jpegHeader(bytes)) ||
    (await decoding(libraryHeader(bytes), photo, signal));
  checkHeader(header, photo, maxPixels, maxSide);
  if (format === "jpeg") checkScans(bytes, photo);
  const image = photoLibrary()(bytes, {
    // JPEG has no checksums: the decoder's warnings are all that tells of damage in its middle. In
    // the others damage is an error, and a warning only something odd, such as an unknown TIFF tag.
    failOn: format === "jpeg" ? "warning" : "error",
    limitInputPixels: maxPixels,
    autoOrient: true,
  });
  // The library takes 16-bit colors with a profile to the Display P3 space and leaves them there; so
  // they become 8 bits first, as they will in the end.
  if (header.isDeepWithProfile) image.pipelineColourspace("srgb");
  return { image, format, name: photo, width: header.width, height: header.height };
}

/** What must be known of a photo before it is decoded. */
interface Header {
  /** As stored, before any rotation. */
  readonly width: number;
  readonly height: number;
  /** The library's name for the type of the samples. */
  readonly depth: string;
  /** Whether it is RGB of 16 bits with a color profile. */
  readonly isDeepWithProfile: boolean;
}

function jpegHeader(bytes: Uint8Array): Header | undefined {
  const size = jpegSize(bytes);
  return size && { ...size, depth: "uchar", isDeepWithProfile: false };
}

async function libraryHeader(bytes: Uint8Array): Promise<Header> {
  const { width, height, depth, space, hasProfile } = await photoLibrary()(bytes, {
    limitInputPixels: false,
  }).metadata();
  return { width, height, depth, isDeepWithProfile: space === "rgb16" && hasProfile };
}

function checkHeader(
  { width, height, depth }: Header,
  photo: string,
  maxPixels: number,
  maxSide: number,
): void {
  if (width > maxSide || height > maxSide || width * height > maxPixels) {
    const pixels = (width * height).toLocaleString("en-US");
    throw new PhotoError(
      "invalid_argument",
      photo,
      `claims ${width} x ${height} = ${pixels} pixels, over the limit of ` +
        `${maxPixels.toLocaleString("en-US")} and ${maxSide.toLocaleString("en-US")} a side; ` +
        "scale it down first",
    );
  }
  if (depth !== "uchar" && depth !== "ushort") {
    throw new PhotoError(
      "invalid_argument",
      photo,
      `has samples of type ${depth}; save it with 8 or 16 bits a channel`,
    );
  }
}

/** Encoders write up to twenty; with a hundred empty ones, 50 million pixels take twice their time. */
const MAX_SCANS = 100;

function checkScans(jpeg: Uint8Array, photo: string): void {
  if (countJpegScans(jpeg, MAX_SCANS) <= MAX_SCANS) return;
  throw new PhotoError(
    "invalid_argument",
    photo,
    `has more than ${MAX_SCANS} scans, each of which takes a pass over the picture; save it as an ` +
      "ordinary JPEG",
  );
}

/** Awaits the library; its errors become a sentence about the photo. */
async function decoding<T>(
  work: Promise<T>,
  photo: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new PhotoError(
      "invalid_argument",
      photo,
      `is damaged or cut short${libraryReason(error)}; replace it with an intact copy`,
      { cause: error },
    );
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/**
 * What the library says is wrong, in parentheses; "" where it says nothing. It tells its story in lines,
 * each with a prefix of its own, and the last one says it. All decoders write into one log, which a
 * photo that fails at the same moment may have emptied.
 */
function libraryReason(error: unknown): string {
  const lines = messageOf(error)
    .split("\n")
    .map((line) => line.replace(/^Input buffer has corrupt header: /, "").trim())
    .filter((line) => line !== "" && !line.startsWith("("));
  const reason = (lines.at(-1) ?? "").replace(/^\w+: /, "").replace(/\.$/, "");
  return reason === "" || reason.startsWith("Warning treated as error") ? "" : ` (${reason})`;
}

function splitChannels(
  data: Uint8Array,
  pixels: number,
  channels: number,
  photo: string,
): { rgb: Uint8Array<ArrayBuffer>; alpha: Uint8Array<ArrayBuffer> | undefined } {
  if (channels > 4) {
    throw new PhotoError(
      "invalid_argument",
      photo,
      `has ${channels} channels; save it as RGB or gray, with alpha or without`,
    );
  }
  if (channels === 3) return { rgb: ownBytes(data), alpha: undefined };
  const hasAlpha = channels === 2 || channels === 4;
  const colors = hasAlpha ? channels - 1 : channels;
  const rgb = new Uint8Array(pixels * 3);
  const alpha = hasAlpha ? new Uint8Array(pixels) : undefined;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = pixel * channels;
    rgb[pixel * 3] = data[at]!;
    rgb[pixel * 3 + 1] = data[at + (colors === 3 ? 1 : 0)]!;
    rgb[pixel * 3 + 2] = data[at + (colors === 3 ? 2 : 0)]!;
    if (alpha) alpha[pixel] = data[at + colors]!;
  }
  return { rgb, alpha };
}

/** The same bytes as a plain Uint8Array; copied only if they are part of a larger buffer. */
function ownBytes(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = data;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) {
    return new Uint8Array(buffer);
  }
  return new Uint8Array(data);
}
