import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import type { Photo } from "../images/decode.ts";
import { encodePhoto, flatPixels, isDeepFormat } from "../images/encode.ts";
import type { EncodeFormat } from "../images/encode_format.ts";
import { strippedMetadata } from "../images/metadata/kept_metadata.ts";
import {
  colorizingBytes,
  decodedBytes,
  type PhotoSize,
  squareBytes,
} from "../images/photo_cost.ts";
import type { PhotoFormat } from "../images/photo_format.ts";
import { pixelFile } from "../images/pixel_file.ts";
import { decodeWithSquare } from "../images/photo_with_square.ts";
import type { Workroom } from "../images/workroom.ts";
import { colorizeDecoded } from "../inference/colorize.ts";
import type { Colorizer } from "../inference/colorizer.ts";
import {
  type Guidance,
  guideOver,
  readToning,
  saysColors,
  type Toning,
} from "../inference/guidance.ts";
import type { ColorHint } from "../hints/color_hint.ts";
import { chromaOfRgb } from "../hints/byte_colors.ts";
import { colorsOf, type PictureColors } from "../hints/picture_colors.ts";
import { wordOf } from "../protocol/enum_words.ts";
import type { Duration__Output } from "../protocol/generated/google/protobuf/duration.ts";
import type { ColorHint__Output } from "../protocol/generated/tinct/v1/color_hint.ts";
import type { ImageFormat } from "../protocol/generated/tinct/v1/image_format.ts";
import type { PhotoResult } from "../protocol/generated/tinct/worker/v1/photo_result.ts";
import type { PhotoSettings__Output } from "../protocol/generated/tinct/worker/v1/photo_settings.ts";
import { releaseBuffer } from "../protocol/release_buffer.ts";
import { durationMsOf, durationOf } from "../protocol/times.ts";
import type { Around, PassBatcher } from "./pass_batcher.ts";

/** A model that is ready for photos. */
export interface LoadedModel {
  readonly colorizer: Colorizer;
  readonly batcher: PassBatcher;
  /** Runs what TensorFlow does for it; what photos take is told apart from that. */
  readonly around: Around;
}

/** What arrives of a photo. */
interface PhotoFiles {
  /** Its file; its pixels, where the settings have their size. */
  readonly photo: Uint8Array;
  readonly strokes: Uint8Array | undefined;
  readonly reference: Uint8Array | undefined;
}

/** What photos may be. */
export interface PhotoLimits {
  readonly maxPhotoPixels: number;
  readonly maxPhotoSide: number;
  readonly maxDecodeTime: Duration__Output | null;
  readonly maxEncodeTime: Duration__Output | null;
  readonly maxAvifPixels: number;
}

/**
 * Colorizes one photo, from file to file.
 *
 * @param room where it is decoded and encoded.
 * @throws {TinctError} what is wrong with the photo; unavailable where the machine had no time for it;
 *   the signal's reason.
 */
export async function colorizeOne(
  { photo: arrived, strokes, reference }: PhotoFiles,
  { colorizer, batcher, around }: LoadedModel,
  settings: PhotoSettings__Output,
  { room, limits }: { readonly room: Workroom; readonly limits: PhotoLimits },
  signal: AbortSignal,
): Promise<{ readonly image: Uint8Array; readonly result: PhotoResult }> {
  signal.throwIfAborted();
  const { maxSide, saturation, pixels, asPixels } = settings;
  const file = pixels === null ? arrived : pixelFile(arrived, pixels);
  const clock = new Clock();
  const guidance = {
    hints: settings.hints.map(hintOf),
    strokes,
    reference,
    removeCast: settings.removeCast,
    refine: settings.refine,
  };
  const toning = await toningOf(guidance, { room, limits }, signal);
  using place = room.place({
    bytesOf: (size) =>
      colorizingBytes(size, maxSide, formatOf(settings, size)) +
      (strokes === undefined ? 0 : decodedBytes({ ...size, format: "avif" })), // at most
    decodeMs: durationMsOf(limits.maxDecodeTime) ?? 5000,
  });
  const reading = {
    maxPixels: limits.maxPhotoPixels,
    maxSide: limits.maxPhotoSide,
    fitWithin: maxSide > 0 ? maxSide : undefined,
    signal,
    place,
    keepsDepth: (format: PhotoFormat) => isDeepFormat(formatOf(settings, { format })),
  };
  const decoding = decodeWithSquare(file, colorizer.size, {
    ...reading,
    name: "The photo",
    onSize: (size) => refuseLargeAvif(size, settings, limits),
  });
  const spent = { squareMs: 0, restMs: 0, batchMs: 0, modelMs: 0, batchSize: 1 };
  const photo = await colorizeDecoded(decoding, {
    async predict(square, guide) {
      spent.squareMs = clock.lapMs();
      const { ab, batchMs, modelMs, batchSize } = await batcher.predict(square, guide);
      Object.assign(spent, { batchMs, modelMs, batchSize });
      clock.lapMs();
      return ab;
    },
    tone: (ab, change) => colorizer.tone(ab, change),
    async recolor(decoded, ab, options) {
      spent.restMs = clock.lapMs(); // decoded, most often, while the model was at work
      const colored = await around(() => colorizer.recolor(decoded, ab, options));
      letGo(decoded);
      return colored;
    },
  }, {
    saturation,
    guide: saysColors(guidance) ? (photo) => guideOver(photo, guidance, reading) : undefined,
    toning,
    signal,
  });
  const format = formatOf(settings, photo);
  const quality = settings.quality > 0 ? settings.quality : undefined;
  const metadata = settings.stripMetadata ? strippedMetadata(photo.metadata) : photo.metadata;
  const { width, height, rgb, alpha, deep } = photo;
  const encoding = place.run(
    () =>
      asPixels
        ? flatPixels({ width, height, rgb, alpha })
        : encodePhoto({ width, height, rgb, alpha, deep }, { format, quality, metadata }),
    {
      limitMs: durationMsOf(limits.maxEncodeTime) ?? 20_000,
      tooSlow: (seconds) => slowEncoding(photo, format, seconds),
      signal,
    },
  );
  // Meanwhile: encoding is another thread's work.
  const colors = colorsMessage(colorsOf(rgb));
  const image = await encoding;
  if (image !== rgb) letGo(photo);
  return {
    image,
    result: {
      format: asPixels
        ? "IMAGE_FORMAT_UNSPECIFIED"
        : `IMAGE_FORMAT_${format.toUpperCase() as Uppercase<EncodeFormat>}`,
      width,
      height,
      pagesLeftOut: photo.pagesLeftOut,
      sizeBytes: image.byteLength,
      decodeTime: durationOf(spent.squareMs + spent.restMs),
      batchTime: durationOf(spent.batchMs),
      modelTime: durationOf(spent.modelMs),
      encodeTime: durationOf(clock.lapMs()),
      batchSize: spent.batchSize,
      colors,
    },
  };
}

/** Reads the reference before the photo, so that nobody who has a place waits for another. */
async function toningOf(
  guidance: Guidance,
  { room, limits }: { readonly room: Workroom; readonly limits: PhotoLimits },
  signal: AbortSignal,
): Promise<Toning | undefined> {
  using place = room.place({
    bytesOf: squareBytes,
    decodeMs: durationMsOf(limits.maxDecodeTime) ?? 5000,
  });
  return await readToning(guidance, {
    maxPixels: limits.maxPhotoPixels,
    maxSide: limits.maxPhotoSide,
    signal,
    place,
  });
}

/** Gives back a photo's pixels that nobody reads any more; V8 would see to it some photos later. */
function letGo(
  { rgb, deep }: {
    readonly rgb: Uint8Array;
    readonly deep?: { readonly rgb: Uint16Array } | undefined;
  },
): void {
  releaseBuffer(rgb);
  if (deep === undefined) return;
  const { buffer, byteOffset, byteLength } = deep.rgb;
  releaseBuffer(new Uint8Array(buffer, byteOffset, byteLength));
}

function colorsMessage({ colorfulness, cast, isNearlyGray }: PictureColors) {
  return { colorfulness, cast, nearlyGray: isNearlyGray };
}

/** A hint as it was checked by the server. */
function hintOf({ x, y, radius, rgb, ab }: ColorHint__Output): ColorHint {
  const { a, b } = ab ?? chromaOfRgb(rgb ?? 0);
  return { x, y, radius, a, b };
}

/** AVIF takes ten times the time of others and 38 bytes of memory a pixel, and cannot be ended. */
function refuseLargeAvif(
  size: PhotoSize,
  settings: PhotoSettings__Output,
  { maxAvifPixels }: PhotoLimits,
): void {
  if (formatOf(settings, size) !== "avif") return;
  const { maxSide } = settings;
  const longer = Math.max(size.width, size.height);
  const scale = maxSide > 0 && maxSide < longer ? maxSide / longer : 1;
  const pixels = size.width * size.height * scale ** 2;
  if (pixels <= maxAvifPixels) return;
  const most = Math.floor(longer * Math.sqrt(maxAvifPixels / (size.width * size.height)));
  throw new TinctError(
    "invalid_argument",
    `As AVIF a result has at most ${maxAvifPixels / 1e6} million pixels, and this one would have ` +
      `${(pixels / 1e6).toFixed(1)}: give a max_side of ${most}, or choose another format.`,
  );
}

function slowEncoding({ width, height }: Photo, format: EncodeFormat, seconds: number): TinctError {
  return new TinctError(
    "invalid_argument",
    `The result, ${width} x ${height} pixels, takes more than ${seconds} s of processor time to ` +
      `encode as ${format}: give a smaller max_side, or choose JPEG.`,
  );
}

function formatOf(
  { format, asPixels }: PhotoSettings__Output,
  photo: { readonly format: PhotoFormat },
): EncodeFormat {
  if (asPixels) return "jpeg"; // of the formats that keep 8 bits the one that takes least
  const word = wordOf<"IMAGE_FORMAT_", keyof typeof ImageFormat>("IMAGE_FORMAT_", format);
  if (word !== undefined) return word.toLowerCase() as EncodeFormat;
  return photo.format === "gif" ? "jpeg" : photo.format;
}

/** Measures one part after the other. */
class Clock {
  #startedMs = performance.now();

  lapMs(): number {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.#startedMs;
    this.#startedMs = nowMs;
    return elapsedMs;
  }
}
