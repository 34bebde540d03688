import type {
  PhotoLimits as PhotoLimitsMessage,
  PhotoLimits__Output,
} from "./generated/tinct/worker/v1/photo_limits.ts";
import { durationMsOf, durationOf } from "./times.ts";

/** What the photos of a dataset may be; `decodeMs` is processor time for one of them. */
export interface PhotoLimits {
  readonly maxPixels: number;
  readonly maxSide: number;
  readonly decodeMs?: number | undefined;
}

/** For a worker. */
export function photoLimitsMessage(
  { maxPixels, maxSide, decodeMs }: PhotoLimits,
): PhotoLimitsMessage {
  return {
    maxPixels,
    maxSide,
    ...(decodeMs !== undefined && { maxDecodeTime: durationOf(decodeMs) }),
  };
}

/** The same as the worker goes by it. */
export function photoLimitsOf(message: PhotoLimits__Output | null): PhotoLimits | undefined {
  if (message === null) return undefined;
  const { maxPixels, maxSide, maxDecodeTime } = message;
  return { maxPixels, maxSide, decodeMs: durationMsOf(maxDecodeTime) };
}
