import type { GeneratorWeights, ModelSource, ResolvedModel } from "./model_reference.ts";
import type { ColorHint__Output } from "../protocol/generated/tinct/v1/color_hint.ts";
import type { PictureColors__Output } from "../protocol/generated/tinct/v1/picture_colors.ts";
import type { ImageFormat__Output } from "../protocol/generated/tinct/v1/image_format.ts";

/** How to colorize a photo; checked and completed by the caller. */
export interface ColorizeSettings {
  readonly model: ModelSource;
  /** IMAGE_FORMAT_UNSPECIFIED (default): as the photo was encoded. */
  readonly format?: ImageFormat__Output;
  /** Of JPEG, WebP and AVIF, 1 to 100; 0 (default): the format's own default. */
  readonly quality?: number;
  /** Factor on the predicted colours, 0 to 4; 1 by default. */
  readonly saturation?: number;
  /** The longer side of the result at most, in pixels; 0 (default): the photo's own. */
  readonly maxSide?: number;
  /** Leave metadata out of the result; false by default. */
  readonly stripMetadata?: boolean;
  /** Colours that things in the photo have; none by default. */
  readonly hints?: readonly ColorHint__Output[];
  /** The same as a picture of strokes; not copied, and must not change. */
  readonly strokes?: Uint8Array | undefined;
  /** A picture whose palette the predicted colours get; not copied, and must not change. */
  readonly reference?: Uint8Array | undefined;
  /** Take the cast off the predicted colours; false by default. */
  readonly removeCast?: boolean;
  /** Smooth the predicted colours, though not over edges of lightness; false by default. */
  readonly refine?: boolean;
  /** The photo is no file but its pixels, [height, width, 3] of sRGB, and this is its size. */
  readonly pixels?: { readonly width: number; readonly height: number } | undefined;
  /** The result is no file but its pixels, likewise; `format` is not used. False by default. */
  readonly asPixels?: boolean;
  /**
   * The photo is a frame, of pixels as the result; `hints` and what else guides colours is not used.
   * `videoId`: the video that it is the next frame of, whose frames before it were handed over before;
   * without one it is colorized by itself.
   */
  readonly frame?: { readonly videoId: string | undefined } | undefined;
}

/** Bytes of the files that go with a photo. */
export function filesBytes({ strokes, reference }: ColorizeSettings): number {
  return (strokes?.byteLength ?? 0) + (reference?.byteLength ?? 0);
}

/** Who wants a photo colorized. */
export interface ColorizeCall {
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
  /** The client, by its name: the queue is shared out among clients. */
  readonly client?: string | undefined;
  /**
   * Takes room for the picture once its size in bytes is known, before this process is given any of
   * it; again where a worker was lost. What it throws is what the photo fails with.
   */
  readonly takeRoom?: ((bytes: number) => void) | undefined;
}

/** A photo in colour. */
export interface ColorizedPhoto {
  readonly image: Uint8Array;
  /** IMAGE_FORMAT_UNSPECIFIED: as pixels. */
  readonly format: ImageFormat__Output;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** Pages or frames of the file beyond the first. */
  readonly pagesLeftOut: number;
  /** What a person would see of its colours. */
  readonly colors: PictureColors__Output | null;
  /** Whether a shot begins with it, of a frame of a video. */
  readonly startsShot: boolean;
  /** What it was colorized with. */
  readonly model: ResolvedModel;
  readonly weights: GeneratorWeights | undefined;
  /** Such as "cpu". */
  readonly device: string;
  readonly timings: ColorizeTimings;
}

/** Where the time of a photo went, in milliseconds. */
export interface ColorizeTimings {
  /** Until a worker began with it, with loading the model and waiting for others to share a pass. */
  readonly queueMs: number;
  /** Of that: before its model was seen to. */
  readonly waitingMs: number;
  /** Of that: until its model was there. */
  readonly loadMs: number;
  /** Of that: in the worker, until others had come to share its pass. */
  readonly batchMs: number;
  /** With the worker, from its first piece to the last one of the answer. */
  readonly workerMs: number;
  readonly decodeMs: number;
  /** In the model, for the whole batch that it was part of. */
  readonly modelMs: number;
  readonly encodeMs: number;
  /** How many photos shared its pass, from 1. */
  readonly batchSize: number;
}

/** A worker that colorizes, as it is now. */
export interface ColorizingWorker {
  /** Of its place, from 0: the worker that replaces it has the same. */
  readonly index: number;
  /** Such as "cpu". */
  readonly device: string;
  /** Photos that it has. */
  readonly photos: number;
  /** Models that it has or loads. */
  readonly models: number;
}

/** Colorizes photos in worker processes. */
export interface Colorizing {
  /**
   * Colorizes a photo. The first call starts a worker, which stays; more start where there is more to
   * do than one does at a time.
   *
   * @param photo an encoded photo of any size, or pixels where the settings say so; is not copied and must not change until the end. The
   *   answer has memory of its own: the photo's may be gone by then.
   * @throws {TinctError} invalid_argument (no photo that can be read, or too large), not_found (no
   *   such model, job or checkpoint), failed_precondition (the job has no checkpoint yet),
   *   resource_exhausted (too many photos wait), unavailable (the worker was lost, or the server
   *   stops); the signal's reason when it is aborted.
   */
  colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    call?: ColorizeCall,
  ): Promise<ColorizedPhoto>;
  /**
   * Loads a model that is to be promoted, so that the first photo need not wait for it, and a damaged
   * one is refused. Until it is loaded, those that are loaded stay so.
   *
   * @param folder of its checkpoint, absolute.
   * @returns keeps it loaded until disposed of.
   * @throws {TinctError} what loading it failed with.
   */
  preload(folder: string): Promise<Disposable>;
  /** Whether the model in this folder is in a worker's memory now. @param folder absolute. */
  isLoaded(folder: string): boolean;
  /**
   * Lets the model in this folder go from memory, when the photos that use it are done. The next photo
   * loads it again.
   */
  unload(folder: string): void;
  /** The workers that there are. */
  workers(): readonly ColorizingWorker[];
  /** No frame of a video comes any more: what is known of its shot may go. */
  endVideo(videoId: string): void;
}
