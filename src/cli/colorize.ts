import { mkdir, stat } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { reading, writing } from "../checkpoints/file_errors.ts";
import { boolean, choice, integer, number } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { messageOf, TinctError } from "../errors.ts";
import { inOrder } from "../images/in_order.ts";
import { PhotoError } from "../images/photo_error.ts";
import { loadColorizer } from "../inference/load_colorizer.ts";
import { text } from "./arguments.ts";
import { readCheckpoint } from "./checkpoint_option.ts";
import { colorizeFile, type FileSettings, type WrittenPhoto } from "./colorize_file.ts";
import { colorizeRemotely } from "./colorize_remote.ts";
import { optionalServerOptions } from "./service_client.ts";
import { type CommandContext, defineCommand } from "./command.ts";
import { engineOptions, startEngine } from "./engine_options.ts";
import { findPhotos, type PhotoInput } from "./photo_inputs.ts";
import { counted, formatDuration } from "./quantities.ts";

/** Photos in work: one is decoded or encoded, which takes one core, while another is computed. */
const concurrency = 2;

export const command = defineCommand({
  description: [
    "Colorizes photos at their own resolution; each pixel keeps its lightness. A model is a run's",
    "folder, a checkpoint's folder, or a .safetensors file with a generator of the common PyTorch",
    "implementation. A photo x.jpg becomes DIR/x.jpg, and those of a folder keep their places below",
    "it. A photo that cannot be read is named, and the others go on. Exit code 1 if one failed.",
  ].join("\n"),
  options: {
    model: text("RUN", "what to colorize with; with --server a model's name or a job's id"),
    ...optionalServerOptions,
    out: text("DIR", "the folder of the results; made if need be"),
    checkpoint: text("latest|best|STEP", "which checkpoint of a run", "latest"),
    weights: choice(
      ["auto", "ema", "raw"],
      "a checkpoint's weights or their moving average; auto: that if there is one",
    ),
    format: choice(
      ["same", "jpeg", "png", "webp", "tiff", "avif"],
      "format of the results; same: the photo's own (PNG for GIF)",
    ),
    quality: integer(0, [0, 100], "of JPEG, WebP and AVIF; 0: 92, 90 and 70"),
    saturation: number(1, [0, 4], "factor on the predicted colours"),
    maxSide: integer(0, [0, 20_000], "longer side of the results at most; 0: as it is", "pixels"),
    overwrite: boolean(false, "replace results that are there already"),
    size: integer(0, [0, 2048], "side of the squares that the model sees; 0: as trained", "pixels"),
    precision: trainingOptions.precision,
    ...engineOptions,
  },
  operands: { name: "PHOTO", help: "photos, and folders of photos", min: 1, max: Infinity },
  async run({ options, operands }, context) {
    const { model, out, format, quality, saturation, maxSide, overwrite, size } = options;
    if (model === undefined || out === undefined) {
      const missing = model === undefined ? "--model" : "--out";
      throw new TinctError("invalid_argument", `${missing} is missing; --help says what it names.`);
    }
    const checkpoint = readCheckpoint(options.checkpoint);
    const isLocal = options.server === undefined;
    if (isLocal) await reading(model, stat(model)); // before a library is fetched
    const { signal } = context;
    const keepsExtensions = format === "same";
    const { photos, unlisted } = await findPhotos(operands, {
      outFolder: out,
      keepsExtensions,
      signal,
    });
    for (const sentence of unlisted) console.error(sentence);
    if (photos.length === 0) {
      throw new TinctError(
        "invalid_argument",
        `All photos found lie in ${out}, where the results go: give another --out.`,
      );
    }
    await writing(out, mkdir(out, { recursive: true }));
    if (options.server !== undefined) {
      const failed = await colorizeRemotely(photos, {
        server: { ...options, server: options.server },
        environment: context.environment,
        model,
        weights: options.weights,
        outFolder: out,
        settings: {
          format: format === "same" ? "IMAGE_FORMAT_UNSPECIFIED" : imageFormats[format],
          quality,
          saturation,
          maxSide,
        },
        overwrite,
        signal,
      });
      return failed + unlisted.length === 0 ? 0 : 1;
    }
    using engine = await startEngine(context, options, options.precision);
    using colorizer = await loadColorizer(engine, model, {
      checkpoint,
      weights: options.weights === "auto" ? undefined : options.weights,
      size: size === 0 ? undefined : size,
      onWarning: ({ message }) => console.error(message),
      signal,
    });
    const { source } = colorizer;
    console.error(
      `Model: ${source.path}${source.step === undefined ? "" : `, step ${source.step}`}${
        source.weights === "ema" ? ", moving average" : ""
      }, which sees ${colorizer.size} x ${colorizer.size} pixels.`,
    );
    const failed = await colorizeAll(photos, {
      colorizer,
      outFolder: out,
      format,
      quality: quality === 0 ? undefined : quality,
      saturation,
      fitWithin: maxSide === 0 ? undefined : maxSide,
      overwrite,
      inputs: photos.map(({ path }) => path),
      claimed: new Set(),
    }, context);
    return failed + unlisted.length === 0 ? 0 : 1;
  },
});

const imageFormats = {
  jpeg: "IMAGE_FORMAT_JPEG",
  png: "IMAGE_FORMAT_PNG",
  webp: "IMAGE_FORMAT_WEBP",
  tiff: "IMAGE_FORMAT_TIFF",
  avif: "IMAGE_FORMAT_AVIF",
} as const;

/** Colorizes the photos, tells of each, and returns how many failed. */
async function colorizeAll(
  photos: readonly PhotoInput[],
  settings: FileSettings,
  { signal, debug }: CommandContext,
): Promise<number> {
  const startMs = performance.now();
  const work = async (index: number): Promise<WrittenPhoto | { readonly failure: unknown }> => {
    try {
      return await colorizeFile(photos[index]!, settings, signal);
    } catch (failure) {
      if (signal.aborted || isEndOfAll(failure)) throw failure;
      return { failure };
    }
  };
  let failed = 0;
  let index = 0;
  const { length: count } = photos;
  for await (
    const result of inOrder(count, work, { concurrency, ahead: 2 * concurrency, signal })
  ) {
    const { name } = photos[index++]!;
    const place = count === 1 ? "" : `[${index}/${count}] `;
    if ("failure" in result) {
      failed++;
      console.error(`${place}${describeFailure(name, result.failure, debug)}`);
    } else {
      const { path, width, height, durationMs } = result;
      const took = formatDuration(durationMs);
      console.log(`${place}${name} → ${path} (${width} x ${height}, ${took})`);
    }
  }
  const duration = formatDuration(performance.now() - startMs);
  console.error(
    failed === 0
      ? `Colorized ${counted(count, "photo")} in ${duration}.`
      : `Colorized ${count - failed} of ${
        counted(count, "photo")
      } in ${duration}; ${failed} failed.`,
  );
  return failed;
}

/** Whether an error is none of one photo: no other photo would fare better. */
function isEndOfAll(error: unknown): boolean {
  return error instanceof TinctError && error.code === "resource_exhausted";
}

function describeFailure(name: string, failure: unknown, debug: boolean): string {
  if (debug && failure instanceof Error) return `${name}: ${failure.stack}`;
  return failure instanceof PhotoError ? failure.message : `${name}: ${messageOf(failure)}`;
}
