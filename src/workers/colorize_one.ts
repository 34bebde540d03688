import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import type { Photo } from "../images/decode.ts";
import { type EncodeFormat, encodePhoto } from "../images/encode.ts";
import { decodeWithSquare, type PhotoWithSquare } from "../images/photo_with_square.ts";
import type { Colorizer } from "../inference/colorizer.ts";
import { wordOf } from "../protocol/enum_words.ts";
import type { Duration__Output } from "../protocol/generated/google/protobuf/duration.ts";
import type { ImageFormat } from "../protocol/generated/tinct/v1/image_format.ts";
import type { PhotoResult } from "../protocol/generated/tinct/worker/v1/photo_result.ts";
import type { PhotoSettings__Output } from "../protocol/generated/tinct/worker/v1/photo_settings.ts";
import { durationMsOf, durationOf } from "../protocol/times.ts";
import type { PassBatcher } from "./pass_batcher.ts";

/** A model that is ready for photos. */
export interface LoadedModel {
  readonly colorizer: Colorizer;
  readonly batcher: PassBatcher;
}

/** What photos may be. */
export interface PhotoLimits {
  readonly maxPhotoPixels: number;
  readonly maxPhotoSide: number;
  readonly maxDecodeTime: Duration__Output | null;
}

/**
 * Colorizes one photo, from file to file.
 *
 * @throws {TinctError} what is wrong with the photo; the signal's reason.
 */
export async function colorizeOne(
  file: Uint8Array,
  { colorizer, batcher }: LoadedModel,
  settings: PhotoSettings__Output,
  limits: PhotoLimits,
  signal: AbortSignal,
): Promise<{ readonly image: Uint8Array; readonly result: PhotoResult }> {
  signal.throwIfAborted();
  const clock = new Clock();
  const decoding = decodeInTime(file, colorizer.size, settings.maxSide, limits, signal);
  const square = await decoding.square;
  const squareMs = clock.lapMs();
  signal.throwIfAborted();
  const { ab, batchMs, modelMs, batchSize } = await batcher.predict(square);
  clock.lapMs();
  let photo: Photo;
  let restMs: number;
  let rgb: Uint8Array;
  try {
    photo = await decoding.photo; // decoded, most often, while the model was at work
    restMs = clock.lapMs();
    rgb = await colorizer.recolor(photo, ab, { saturation: settings.saturation, signal });
  } finally {
    ab.dispose();
  }
  const format = formatOf(settings, photo);
  const quality = settings.quality > 0 ? settings.quality : undefined;
  const image = await encodePhoto({ ...photo, rgb }, { format, quality });
  return {
    image,
    result: {
      format: `IMAGE_FORMAT_${format.toUpperCase() as Uppercase<EncodeFormat>}`,
      width: photo.width,
      height: photo.height,
      sizeBytes: image.byteLength,
      waitTime: durationOf(0),
      decodeTime: durationOf(squareMs + restMs),
      batchTime: durationOf(batchMs),
      modelTime: durationOf(modelMs),
      encodeTime: durationOf(clock.lapMs()),
      batchSize,
    },
  };
}

/** As decodeWithSquare, within the limits. */
function decodeInTime(
  file: Uint8Array,
  size: number,
  maxSide: number,
  { maxPhotoPixels, maxPhotoSide, maxDecodeTime }: PhotoLimits,
  signal: AbortSignal,
): PhotoWithSquare {
  const limitMs = durationMsOf(maxDecodeTime) ?? 10_000;
  const timeout = AbortSignal.timeout(limitMs);
  const { square, photo } = decodeWithSquare(file, size, {
    name: "The photo",
    maxPixels: maxPhotoPixels,
    maxSide: maxPhotoSide,
    fitWithin: maxSide > 0 ? maxSide : undefined,
    signal: AbortSignal.any([signal, timeout]),
  });
  const refuse = (error: unknown): never => {
    if (error !== timeout.reason) throw error;
    throw new TinctError(
      "invalid_argument",
      `The photo takes more than ${limitMs / 1000} s to decode; save it anew, or smaller.`,
    );
  };
  const inTime = { square: square.catch(refuse), photo: photo.catch(refuse) };
  for (const promise of Object.values(inTime)) promise.catch(() => {}); // one of them tells enough
  return inTime;
}

function formatOf({ format }: PhotoSettings__Output, photo: Photo): EncodeFormat {
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
