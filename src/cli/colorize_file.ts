import { mkdir, realpath } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";
import { writing } from "../checkpoints/file_errors.ts";
import { TinctError } from "../errors.ts";
import { type EncodeFormat, encodePhoto } from "../images/encode.ts";
import { readPhotoFile } from "../images/photo_file.ts";
import { formatOfExtension, type PhotoFormat, recognizeFormat } from "../images/photo_format.ts";
import { colorizePhoto } from "../inference/colorize.ts";
import type { Colorizer } from "../inference/colorizer.ts";
import type { PhotoInput } from "./photo_inputs.ts";

/** What is the same for all photos of a call. */
export interface FileSettings {
  readonly colorizer: Colorizer;
  readonly outFolder: string;
  readonly format: EncodeFormat | "same";
  readonly quality: number | undefined;
  readonly saturation: number;
  /** The longer side of results at most, pixels. */
  readonly fitWithin: number | undefined;
  /** Replace results that are there. A photo of the call is never replaced. */
  readonly overwrite: boolean;
  /** The paths of all photos of the call. */
  readonly inputs: readonly string[];
  /** The paths of results so far; each photo adds its own. */
  readonly claimed: Set<string>;
}

/** A result on the disk. */
export interface WrittenPhoto {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
}

const extensions: Readonly<Record<EncodeFormat, string>> = {
  jpeg: ".jpg",
  png: ".png",
  webp: ".webp",
  tiff: ".tiff",
  avif: ".avif",
};

/**
 * Colorizes one photo and writes the result, whole or not at all.
 *
 * @throws {PhotoError} when the photo cannot be read.
 * @throws {TinctError} already_exists; what `encodePhoto` and `writeFileAtomically` throw.
 */
export async function colorizeFile(
  { name, path, stem }: PhotoInput,
  { colorizer, outFolder, format, quality, saturation, fitWithin, ...settings }: FileSettings,
  signal: AbortSignal,
): Promise<WrittenPhoto> {
  const startMs = performance.now();
  const { bytes } = await readPhotoFile(path, name);
  const own = recognizeFormat(bytes, name);
  const target: EncodeFormat = format === "same" ? own === "gif" ? "png" : own : format;
  const outPath = join(outFolder, stem + extensionFor(target, own, path));
  if (settings.claimed.has(outPath)) {
    throw new TinctError("already_exists", `another photo becomes ${outPath} already.`);
  }
  settings.claimed.add(outPath);
  await refuseTaken(outPath, settings);
  const photo = await colorizePhoto(bytes, colorizer, { name, saturation, fitWithin, signal });
  const encoded = await encodePhoto(photo, { format: target, quality });
  const folder = dirname(outPath);
  await writing(folder, mkdir(folder, { recursive: true }));
  await writeFileAtomically(outPath, encoded, { signal });
  const { width, height } = photo;
  return { path: outPath, width, height, durationMs: performance.now() - startMs };
}

/** The photo's own extension where it fits, such as ".jpeg". */
function extensionFor(target: EncodeFormat, own: PhotoFormat, path: string): string {
  const extension = extname(path);
  return target === own && formatOfExtension(path) === own ? extension : extensions[target];
}

async function refuseTaken(
  path: string,
  { overwrite, inputs }: Pick<FileSettings, "overwrite" | "inputs">,
): Promise<void> {
  const found = await realpathIfThere(path);
  if (found === undefined) return;
  for (const input of inputs) {
    if ((await realpathIfThere(input)) !== found) continue;
    throw new TinctError(
      "already_exists",
      `the result would replace the photo ${path}; give another --out.`,
    );
  }
  if (overwrite) return;
  throw new TinctError(
    "already_exists",
    `${path} is there already; --overwrite replaces it.`,
  );
}

async function realpathIfThere(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined; // if it is there and cannot be resolved, writing it says why
  }
}
