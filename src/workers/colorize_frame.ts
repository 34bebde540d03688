import { performance } from "node:perf_hooks";
import { colorizingBytes } from "../images/photo_cost.ts";
import { squashPicture } from "../images/squash.ts";
import type { Workroom } from "../images/workroom.ts";
import { colorizeDecoded } from "../inference/colorize.ts";
import type { PhotoResult } from "../protocol/generated/tinct/worker/v1/photo_result.ts";
import type { PhotoSettings__Output } from "../protocol/generated/tinct/worker/v1/photo_settings.ts";
import { durationMsOf, durationOf } from "../protocol/times.ts";
import type { VideoFrame } from "../video/colored_video.ts";
import type { LoadedModel, PhotoLimits } from "./colorize_one.ts";

/**
 * Colorizes one frame, from pixels to pixels.
 *
 * @param rgb [height, width, 3], sRGB; must not change.
 * @param settings `frame`: its place in a video; undefined: it is colorized by itself.
 * @param room where it is squashed.
 * @throws {TinctError} unavailable where the machine had no time for it; the signal's reason.
 */
export async function colorizeFrame(
  rgb: Uint8Array,
  { colorizer, batcher, around }: LoadedModel,
  { pixels, saturation, frame }:
    & Pick<PhotoSettings__Output, "pixels" | "saturation">
    & { readonly frame: VideoFrame | undefined },
  { room, limits }: { readonly room: Workroom; readonly limits: PhotoLimits },
  signal: AbortSignal,
): Promise<{ readonly image: Uint8Array; readonly result: PhotoResult }> {
  signal.throwIfAborted();
  const { width, height } = pixels ?? { width: 0, height: 0 };
  if (rgb.length !== width * height * 3) {
    throw new TypeError(`A frame of ${width} x ${height} pixels came with ${rgb.length} bytes.`);
  }
  const limitMs = durationMsOf(limits.maxDecodeTime) ?? 5000;
  using place = room.place({
    bytesOf: (size) => colorizingBytes(size, 0, "tiff"), // what keeps pixels as they are
    decodeMs: limitMs,
  });
  await place.enter({ width, height, format: "tiff" }, signal);
  const began = performance.now();
  const photo = { width, height, rgb };
  const square = place.decode(() => squashPicture(photo, colorizer.size), "The frame", signal);
  square.catch(() => {}); // where it ends before, nobody waits for it
  const spent = { squareMs: 0, batchMs: 0, modelMs: 0, batchSize: 1, predictedAt: began };
  const colored = await colorizeDecoded({ square, photo }, {
    async predict(seen) {
      spent.squareMs = performance.now() - began;
      const { ab, batchMs, modelMs, batchSize } = await batcher.predict(seen);
      Object.assign(spent, { batchMs, modelMs, batchSize, predictedAt: performance.now() });
      return ab;
    },
    tone: (ab, change) => colorizer.tone(ab, change),
    recolor: (picture, ab, options) => around(() => colorizer.recolor(picture, ab, options)),
  }, { saturation, frame, signal });
  return {
    image: colored.rgb,
    result: {
      format: "IMAGE_FORMAT_UNSPECIFIED",
      width,
      height,
      sizeBytes: colored.rgb.byteLength,
      decodeTime: durationOf(spent.squareMs),
      batchTime: durationOf(spent.batchMs),
      modelTime: durationOf(spent.modelMs),
      encodeTime: durationOf(performance.now() - spent.predictedAt),
      batchSize: spent.batchSize,
      startsShot: frame?.startsShot ?? false,
    },
  };
}
