import { basename } from "node:path";
import type { OutputInfo, Sharp } from "sharp";
import { unlessAborted } from "../abort.ts";
import { messageOf } from "../errors.ts";
import { type DeepPixels, upperBytes } from "./deep_pixels.ts";
import { isGray } from "./gray.ts";
import { MAX_PROFILE_BYTES } from "./containers/photo_parts.ts";
import { takeApart } from "./containers/take_apart.ts";
import { isCut } from "./containers/is_cut.ts";
import { withoutPadding } from "./jpeg_padding.ts";
import { countJpegScans } from "./jpeg_scans.ts";
import { jpegSize } from "./jpeg_size.ts";
import { pagesOf } from "./containers/pages.ts";
import { keptMetadata } from "./metadata/kept_metadata.ts";
import type { FoundMetadata, PhotoMetadata } from "./metadata/photo_metadata.ts";
import type { PhotoSize } from "./photo_cost.ts";
import { PhotoError, PhotoLimitError } from "./photo_error.ts";
import { readPhotoFile } from "./photo_file.ts";
import { type PhotoFormat, recognizeFormat } from "./photo_format.ts";
import { photoLibrary } from "./photo_library.ts";
import { squashBilinearly, type SquashFilter } from "./squash.ts";
import { watchAlone } from "./sole_work.ts";
import { unsupportedKind } from "./unsupported_kinds.ts";
import { type Place, SlowPhoto } from "./workroom.ts";

/** A decoded photo: upright, sRGB. All arrays are the caller's own. */
export interface Photo {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], not multiplied by alpha. */
  readonly rgb: Uint8Array<ArrayBuffer>;
  /** [height, width], 255 opaque; undefined when the photo has no alpha channel. */
  readonly alpha: Uint8Array<ArrayBuffer> | undefined;
  /** The same in 16 bits, where the file has so many and they were asked for. */
  readonly deep: DeepPixels<ArrayBuffer> | undefined;
  /** Whether it has (nearly) no chroma; see isGray. */
  readonly isGray: boolean;
  /** Its size as it is shown, upright, before it was scaled down. */
  readonly shown: { readonly width: number; readonly height: number };
  readonly format: PhotoFormat;
  /** What the file says besides, as far as a result of this picture may say it too. */
  readonly metadata: PhotoMetadata;
  /** How many further pages or frames the file has, which are not in the picture. */
  readonly pagesLeftOut: number;
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
  /** Takes what the header says, before anything is decoded; what it throws refuses the photo. */
  readonly onSize?: ((size: PhotoSize) => void) | undefined;
  /** Where it is decoded, within limits of memory and time; without one there are none. */
  readonly place?: Place | undefined;
}

/** Options of decodePhoto. */
export interface DecodePhotoOptions extends DecodeOptions {
  /**
   * The longer side of the result at most, in pixels, from 1: a larger photo is scaled down. Its own
   * size when left out.
   */
  readonly fitWithin?: number | undefined;
  /** Whether a file of the format keeps 16 bits a channel, besides the upper 8; none when left out. */
  readonly keepsDepth?: ((format: PhotoFormat) => boolean) | undefined;
}

/**
 * Decodes a photo, at its own resolution unless told otherwise: JPEG, PNG, WebP, TIFF, AVIF, GIF (of
 * several frames or pages the first). EXIF orientation is applied, CMYK and embedded profiles become
 * sRGB, 16 bits become 8 (the upper ones).
 *
 * @param source the file's bytes, which must not change meanwhile, or its path.
 * @throws {PhotoError} one sentence naming the photo: empty, of another format, over a limit
 *   (of pixels, of a JPEG's scans), damaged or cut short; from a path also what readPhotoFile throws.
 */
export async function decodePhoto(
  source: Uint8Array | string,
  { fitWithin, keepsDepth, ...options }: DecodePhotoOptions = {},
): Promise<Photo> {
  if (fitWithin !== undefined && (!Number.isInteger(fitWithin) || fitWithin < 1)) {
    throw new RangeError(`fitWithin is a whole number of pixels from 1, not ${fitWithin}.`);
  }
  const photo = await openPhoto(source, options, keepsDepth);
  const { format, name, isDeep } = photo;
  const { data, info } = await decodePixels(
    photo,
    options,
    (image) =>
      fitWithin === undefined
        ? image
        : image.resize(fitWithin, fitWithin, { fit: "inside", withoutEnlargement: true }),
  );
  const { width, height, channels } = info;
  const shape = { pixels: width * height, channels, name };
  const deep = isDeep ? splitChannels(deepSamples(data), Uint16Array, shape) : undefined;
  const { rgb, alpha } = deep
    ? { rgb: upperBytes(deep.rgb), alpha: deep.alpha && upperBytes(deep.alpha) }
    : splitChannels(ownBytes(data), Uint8Array, shape);
  const scale = Math.max(width, height) / Math.max(photo.width, photo.height);
  return {
    width,
    height,
    rgb,
    alpha,
    deep,
    isGray: isGray(rgb),
    shown: shownSize(photo, info),
    format,
    metadata: keptMetadata(photo.metadata, { scale }),
    pagesLeftOut: photo.pages - 1,
  };
}

/** A photo's size as it is shown, by its size as it is stored and that of what was decoded. */
function shownSize(
  { width, height }: Pick<OpenPhoto, "width" | "height">,
  upright: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  const isTurned = width >= height !== upright.width >= upright.height;
  return isTurned ? { width: height, height: width } : { width, height };
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
interface SquarePhoto {
  readonly rgb: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/**
 * As decodeResized, with the size that the photo itself has.
 *
 * @param options `filter`: "triangle" when left out.
 */
export async function decodeSquare(
  source: Uint8Array | string,
  size: number,
  { filter = "triangle", ...options }: DecodeOptions & { readonly filter?: SquashFilter } = {},
): Promise<SquarePhoto> {
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new RangeError(`size is 1 to 4096 pixels, not ${size}.`);
  }
  const photo = await openPhoto(source, options);
  const { name, width, height } = photo;
  const { data, info } = await decodePixels(photo, options, (image) => {
    const opaque = image.flatten({ background: "white" });
    if (filter === "bilinear") return opaque;
    return opaque.resize(size, size, { fit: "fill", kernel: "linear" });
  });
  const shape = { pixels: info.width * info.height, channels: info.channels, name };
  const { rgb } = splitChannels(ownBytes(data), Uint8Array, shape);
  if (filter === "triangle") return { rgb, width, height };
  // Upright, where the file may lie on its side.
  return {
    rgb: squashBilinearly(rgb, { width: info.width, height: info.height, size }),
    width,
    height,
  };
}

interface OpenPhoto {
  /** A file with the picture alone. */
  readonly picture: Uint8Array;
  readonly isEndAdded: boolean | undefined;
  readonly metadata: FoundMetadata;
  /** How many pages or frames the file has. */
  readonly pages: number;
  /** A pipeline that decodes such a file, and has decoded nothing yet. */
  readonly pipeline: (picture: Uint8Array) => Sharp;
  /** Whether 16 bits a channel are kept. */
  readonly isDeep: boolean;
  readonly format: PhotoFormat;
  readonly name: string;
  /** As stored, before any rotation. */
  readonly width: number;
  readonly height: number;
}

/** Reads the header and refuses what is over a limit, or of a kind that is not read. */
async function openPhoto(
  source: Uint8Array | string,
  { name, maxPixels = 50e6, maxSide = 20_000, signal, onSize, place }: DecodeOptions,
  keepsDepth: DecodePhotoOptions["keepsDepth"] = () => false,
): Promise<OpenPhoto> {
  signal?.throwIfAborted();
  const photo = name ?? (typeof source === "string" ? basename(source) : "The photo");
  const bytes = typeof source === "string" ? (await readPhotoFile(source, photo)).bytes : source;
  signal?.throwIfAborted();
  const format = recognizeFormat(bytes, photo);
  const { picture, metadata, isEndAdded } = takeApart(bytes, format);
  const kind = unsupportedKind(picture, format);
  if (kind !== undefined) throw new PhotoError("invalid_argument", photo, kind);
  const header = (format === "jpeg" && jpegHeader(picture)) ||
    (await decoding(
      () => libraryHeader(picture),
      { picture, isEndAdded, format, name: photo },
      { signal, place },
    ));
  checkHeader(header, photo, maxPixels, maxSide);
  if (format === "jpeg") checkScans(picture, photo);
  const { width, height } = header;
  const isDeep = header.depth === "ushort" && keepsDepth(format);
  const size = { width, height, format, isDeep };
  onSize?.(size);
  await place?.enter(size, signal);
  const pipeline = (picture: Uint8Array) => {
    const image = photoLibrary()(picture, {
      // JPEG has no checksums: the decoder's warnings are all that tells of damage in its middle. In
      // the others damage is an error, and a warning only something odd, such as an unknown TIFF tag.
      failOn: format === "jpeg" ? "warning" : "error",
      limitInputPixels: maxPixels,
      autoOrient: true,
      ignoreIcc: header.profileBytes > MAX_PROFILE_BYTES,
    });
    if (header.isDeepWithProfile) {
      // The library takes 16-bit colors with a profile to the Display P3 space and leaves them there. So
      // they go on to sRGB, or become 8 bits first, as they will in the end.
      if (isDeep) image.withIccProfile("srgb");
      else image.pipelineColourspace("srgb");
    }
    // Ends what goes on line by line, though nothing that takes the whole picture at once.
    if (place) image.timeout({ seconds: place.decodeTimeoutSeconds });
    return image;
  };
  const pages = pagesOf(bytes, format) ?? header.pages;
  const opened = { metadata, pages, picture, isEndAdded, pipeline, isDeep };
  return { ...opened, format, name: photo, width, height };
}

/** Decodes to samples in sRGB, shaped before. A JPEG that fails for its padding alone is read without. */
async function decodePixels(
  photo: OpenPhoto,
  options: DecodeOptions,
  shape: (image: Sharp) => Sharp,
): Promise<{ readonly data: Uint8Array; readonly info: OutputInfo }> {
  const decode = (picture: Uint8Array) =>
    decoding(
      () =>
        shape(photo.pipeline(picture))
          .toColourspace(photo.isDeep ? "rgb16" : "srgb")
          .raw({ depth: photo.isDeep ? "ushort" : "uchar" })
          .toBuffer({ resolveWithObject: true }),
      photo,
      options,
    );
  const { signal } = options;
  try {
    return await decode(photo.picture);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof PhotoError) || error instanceof SlowPhoto) throw error;
    const unpadded = photo.format === "jpeg" && await withoutPadding(photo.picture, signal);
    if (!unpadded) throw error;
    return await decode(unpadded);
  }
}

/** What must be known of a photo before it is decoded. */
interface Header {
  /** As stored, before any rotation. */
  readonly width: number;
  readonly height: number;
  /** The library's name for the type of the samples. */
  readonly depth: string;
  /** Whether it is RGB of 16 bits with a color profile that is used. */
  readonly isDeepWithProfile: boolean;
  readonly profileBytes: number;
  readonly pages: number;
}

function jpegHeader(bytes: Uint8Array): Header | undefined {
  const size = jpegSize(bytes);
  return size && { ...size, depth: "uchar", isDeepWithProfile: false, profileBytes: 0, pages: 1 };
}

async function libraryHeader(bytes: Uint8Array): Promise<Header> {
  const { width, height, depth, space, hasProfile, icc, pages = 1 } = await photoLibrary()(bytes, {
    limitInputPixels: false,
  }).metadata();
  const profileBytes = icc?.length ?? 0;
  return {
    width,
    height,
    depth,
    isDeepWithProfile: space === "rgb16" && hasProfile && profileBytes <= MAX_PROFILE_BYTES,
    profileBytes,
    pages,
  };
}

function checkHeader(
  { width, height, depth }: Header,
  photo: string,
  maxPixels: number,
  maxSide: number,
): void {
  if (width > maxSide || height > maxSide || width * height > maxPixels) {
    const pixels = (width * height).toLocaleString("en-US");
    throw new PhotoLimitError(
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
      `has samples of type ${depth}; save it with 8 or 16 bits per channel`,
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
    `has more than ${MAX_SCANS} scans, and each takes a pass over the picture; save it as an ` +
      "ordinary JPEG",
  );
}

/** Has the library work; its errors become a sentence about the photo. */
async function decoding<T>(
  work: () => Promise<T>,
  { picture, isEndAdded, format, name }: Pick<
    OpenPhoto,
    "picture" | "isEndAdded" | "format" | "name"
  >,
  { signal, place }: Pick<DecodeOptions, "signal" | "place">,
): Promise<T> {
  const watched = () => watchAlone(work);
  const { result, wasAlone } = place
    ? await place.decode(watched, name, signal)
    : await unlessAborted(watched(), signal);
  if (result.status === "fulfilled") return result.value;
  const reason = isEndAdded || isCut(picture, format)
    ? "its file ends before the picture does"
    : wasAlone
    ? libraryReason(result.reason)
    : undefined;
  throw new PhotoError(
    "invalid_argument",
    name,
    `is damaged or cut short${reason ? ` (${reason})` : ""}; replace it with an intact copy`,
    { cause: result.reason },
  );
}

/**
 * What the library says is wrong; undefined where it says nothing. It tells its story in lines, each
 * with a prefix of its own, and the last one says it.
 */
function libraryReason(error: unknown): string | undefined {
  const lines = messageOf(error)
    .split("\n")
    .map((line) => line.replace(/^Input buffer has corrupt header: /, "").trim())
    .filter((line) => line !== "" && !line.startsWith("("));
  const reason = (lines.at(-1) ?? "").replace(/^\w+: /, "").replace(/\.$/, "");
  const isNone = reason === "" || /^(?:Warning treated as error|read gave)/i.test(reason);
  return isNone ? undefined : reason;
}

/**
 * Takes samples apart.
 *
 * @param data gray or RGB, with alpha or without; the result may share it.
 * @param type of the result's arrays, that of `data`.
 */
function splitChannels<T extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
  data: T,
  type: new (length: number) => T,
  { pixels, channels, name }: {
    readonly pixels: number;
    readonly channels: number;
    readonly name: string;
  },
): { readonly rgb: T; readonly alpha: T | undefined } {
  if (channels > 4) {
    throw new PhotoError(
      "invalid_argument",
      name,
      `has ${channels} channels; save it as RGB or gray, with alpha or without`,
    );
  }
  if (channels === 3) return { rgb: data, alpha: undefined };
  const hasAlpha = channels === 2 || channels === 4;
  const colors = hasAlpha ? channels - 1 : channels;
  const rgb = new type(pixels * 3);
  const alpha = hasAlpha ? new type(pixels) : undefined;
  for (let pixel = 0; pixel < pixels; pixel++) {
    const at = pixel * channels;
    rgb[pixel * 3] = data[at]!;
    rgb[pixel * 3 + 1] = data[at + (colors === 3 ? 1 : 0)]!;
    rgb[pixel * 3 + 2] = data[at + (colors === 3 ? 2 : 0)]!;
    if (alpha) alpha[pixel] = data[at + colors]!;
  }
  return { rgb, alpha };
}

/** Bytes as samples of 16 bits, in the order of this machine, as the library gives them. */
function deepSamples(data: Uint8Array): Uint16Array<ArrayBuffer> {
  return new Uint16Array(ownBytes(data).buffer);
}

/** The same bytes as a plain Uint8Array; copied only if they are part of a larger buffer. */
function ownBytes(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = data;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) {
    return new Uint8Array(buffer);
  }
  return new Uint8Array(data);
}
