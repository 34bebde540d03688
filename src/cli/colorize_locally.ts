import { performance } from "node:perf_hooks";
import { TinctError } from "../errors.ts";
import { tiffPages } from "../images/containers/pages.ts";
import { joinTiffs, withPageFirst } from "../images/containers/tiff_pages.ts";
import type { Photo } from "../images/decode.ts";
import { encodePhoto, isDeepFormat } from "../images/encode.ts";
import { colorsOf } from "../hints/picture_colors.ts";
import { inOrder } from "../images/in_order.ts";
import { strippedMetadata } from "../images/metadata/kept_metadata.ts";
import { PhotoError } from "../images/photo_error.ts";
import { formatOfFile, readPhotoFile } from "../images/photo_file.ts";
import type { PhotoLimits } from "../images/photo_limits.ts";
import { colorizePhoto } from "../inference/colorize.ts";
import type { Colorizer } from "../inference/colorizer.ts";
import type { Guidance } from "../inference/guidance.ts";
import type { ColorizeReport, WrittenPhoto } from "../results/colorize_report.ts";
import type { PlannedPhoto } from "../results/planned_results.ts";
import type { ResultFiles } from "../results/result_files.ts";

/** Photos in work: one is decoded or encoded, which takes one core, while another is computed. */
const concurrency = 2;

/** What is the same for all photos of a call. */
interface LocalSettings {
  readonly colorizer: Colorizer;
  readonly files: ResultFiles;
  readonly report: ColorizeReport;
  readonly quality: number | undefined;
  readonly saturation: number;
  /** Colours that a person gives to things. */
  readonly guidance: Guidance;
  /** The longer side of results at most, pixels. */
  readonly fitWithin: number | undefined;
  readonly limits: PhotoLimits;
  /** Leave metadata out of the results. */
  readonly strip: boolean;
  /** Of TIFFs of several pages. */
  readonly pages: "first" | "all";
  readonly signal: AbortSignal;
}

/**
 * Colorizes photos in this process, and tells of each in their order.
 *
 * @throws the signal's reason, or what no other photo would fare better with, such as a full disk.
 */
export async function colorizeLocally(
  photos: readonly PlannedPhoto[],
  settings: LocalSettings,
): Promise<void> {
  const { report, signal } = settings;
  const work = async (index: number): Promise<WrittenPhoto | { readonly failure: unknown }> => {
    try {
      return await colorizeOne(photos[index]!, settings);
    } catch (failure) {
      if (signal.aborted || isEndOfAll(failure)) throw failure;
      return { failure };
    }
  };
  let index = 0;
  const order = { concurrency, ahead: 2 * concurrency, signal };
  for await (const result of inOrder(photos.length, work, order)) {
    const photo = photos[index++]!;
    if ("failure" in result) report.failure(photo, result.failure);
    else report.written(photo, result);
  }
}

async function colorizeOne(
  { name, path, result }: PlannedPhoto,
  settings: LocalSettings,
): Promise<WrittenPhoto> {
  const {
    colorizer,
    files,
    quality,
    saturation,
    guidance,
    fitWithin,
    strip,
    pages,
    limits,
    signal,
  } = settings;
  const startMs = performance.now();
  if (result !== undefined) await files.refuseTaken(result.path);
  const { bytes } = await readPhotoFile(path, name);
  if (result === undefined) throw changed(name);
  const { path: to, format } = result;
  const one = async (file: Uint8Array) => {
    const photo = await colorizePhoto(file, colorizer, {
      ...limits,
      name,
      saturation,
      guidance,
      fitWithin,
      keepsDepth: () => isDeepFormat(format),
      signal,
    });
    const metadata = strip ? strippedMetadata(photo.metadata) : photo.metadata;
    return { photo, encoded: await encodePhoto(photo, { format, quality, metadata }) };
  };
  const written = (photo: Photo, pages: number, pagesLeftOut: number): WrittenPhoto => {
    const { width, height } = photo;
    return {
      path: to,
      width,
      height,
      pages,
      pagesLeftOut,
      colors: colorsOf(photo.rgb),
      durationMs: performance.now() - startMs,
    };
  };
  const all = pages === "all" && format === "tiff" ? tiffPages(bytes) ?? [] : [];
  if (all.length > 1) {
    const colorized: Uint8Array[] = [];
    let first: Photo | undefined;
    for (const page of all) {
      const { photo, encoded } = await one(withPageFirst(bytes, page));
      colorized.push(encoded);
      first ??= photo;
    }
    await files.write(to, joinTiffs(colorized), signal);
    return written(first!, colorized.length, 0);
  }
  const { photo, encoded } = await one(bytes);
  await files.write(to, encoded, signal);
  return written(photo, 1, photo.pagesLeftOut);
}

/**
 * Why no photo can be colorized, as far as that shows before a model is loaded or a server asked.
 *
 * @returns an error for each photo, in their order; undefined where one or more may go well.
 * @throws what no other photo would fare better with.
 */
export async function obstaclesToAll(
  photos: readonly PlannedPhoto[],
  files: ResultFiles,
): Promise<unknown[] | undefined> {
  const obstacles: unknown[] = [];
  for (const { name, path, result } of photos) {
    try {
      if (result !== undefined) {
        await files.refuseTaken(result.path);
        return undefined;
      }
      await formatOfFile(path, name);
      obstacles.push(changed(name));
    } catch (error) {
      if (isEndOfAll(error)) throw error;
      obstacles.push(error);
    }
  }
  return obstacles;
}

/** Whether an error is none of one photo: no other photo would fare better. */
export function isEndOfAll(error: unknown): boolean {
  return error instanceof TinctError && error.code === "resource_exhausted";
}

/** A photo that could not be read a moment ago, and can be now. */
export function changed(name: string): PhotoError {
  return new PhotoError("unavailable", name, "has just changed; give it again");
}
