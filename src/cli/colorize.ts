import { mkdir, stat } from "node:fs/promises";
import { reading, writing } from "../files/file_errors.ts";
import { boolean, choice, integer, number } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { ownPhotoLimits, ownPhotoOptions } from "../config/photo_limits.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { text } from "../terminal/arguments.ts";
import { checkpointViolations, readChoice, referTo, weightsOption } from "./checkpoint_option.ts";
import { colorizeLocally, obstaclesToAll } from "./colorize_locally.ts";
import { colorizeRemotely } from "./colorize_remotely.ts";
import { loadChosen } from "./load_chosen.ts";
import { ColorizeReport } from "../results/colorize_report.ts";
import { hintOptions, hintViolations, readHints } from "./hint_options.ts";
import { chromaOfRgb } from "../hints/byte_colors.ts";
import { defineCommand } from "../terminal/command.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import { findPhotos } from "../results/photo_inputs.ts";
import { planResults } from "../results/planned_results.ts";
import { ResultFiles } from "../results/result_files.ts";
import { jsonOption } from "../terminal/print_json.ts";
import { optionalServerOptions, serverFlags } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";

export const command = defineCommand({
  description: [
    "Colorizes photos at their own resolution; each pixel keeps its lightness. A model is a run's",
    "folder, a checkpoint's folder, or a .pth, .pt or .safetensors file with a generator of the common",
    "PyTorch implementation. The result of x.jpg is DIR/x.jpg; photos of a folder keep their",
    "subfolders. A photo that cannot be read is named, and the others continue. Exit code 1: some photo",
    "failed.",
  ].join("\n"),
  options: {
    model: text("RUN", "the model; with --server, a model's name or a job's id"),
    ...optionalServerOptions,
    out: text("DIR", "folder for the results; created if missing"),
    checkpoint: text("latest|best|STEP", "checkpoint of a run to use", "latest"),
    weights: weightsOption,
    format: choice(
      ["same", "jpeg", "png", "webp", "tiff", "avif"],
      "format of the results; same: the photo's own (PNG for GIF)",
    ),
    quality: integer(0, [0, 100], "quality of JPEG, WebP and AVIF; 0: 92, 90 and 70"),
    saturation: number(1, [0, 4], "factor on the predicted colours"),
    ...hintOptions,
    maxSide: integer(0, [0, 20_000], "longest side of the results; 0: as in the photo", "pixels"),
    pages: choice(
      ["first", "all"],
      "pages of a TIFF to colorize; all: a result that is a TIFF has all pages",
    ),
    strip: boolean(
      false,
      "keep no metadata but the resolution: no date, author or place (GPS)",
    ),
    overwrite: boolean(false, "replace existing results"),
    size: integer(0, [0, 2048], "side of the square that the model sees; 0: as trained", "pixels"),
    precision: trainingOptions.precision,
    ...jsonOption,
    ...ownPhotoOptions,
    ...engineOptions,
  },
  switches: [{
    by: "server",
    with: serverFlags,
    without: [
      "size",
      "precision",
      "pages",
      ...Object.keys({ ...ownPhotoOptions, ...engineOptions }),
    ],
  }],
  both: [
    ...["model", "out", "checkpoint", "weights"],
    ...["format", "quality", "saturation", "maxSide", "overwrite", "strip", "json"],
    ...Object.keys(hintOptions),
  ],
  check: (given) => [
    ...checkpointViolations(given),
    ...qualityViolations(given),
    ...hintViolations(given),
  ],
  operands: { name: "PHOTO", help: "photos and folders of photos", min: 1, max: Infinity },
  async run({ options, operands }, context) {
    const { model, out, format, quality, saturation, maxSide, overwrite, size } = options;
    if (model === undefined || out === undefined) {
      const missing = model === undefined ? "--model" : "--out";
      throw new TinctError("invalid_argument", `${missing} is missing; --help says what it names.`);
    }
    if (options.pages === "all") requireTiff(format);
    const chosen = readChoice(options);
    const { server } = options;
    requireDevice(context, options);
    if (server === undefined) await reading(model, stat(model)); // before a library is fetched
    const { signal, debug } = context;
    const { photos: found, unlisted, leftOut } = await findPhotos(operands, {
      outFolder: out,
      signal,
    });
    for (const sentence of unlisted) console.error(sentence);
    if (leftOut !== undefined) console.error(leftOut);
    if (found.length === 0) {
      throw new TinctError(
        "invalid_argument",
        unlisted.length > 0
          ? "No photo is left to colorize."
          : `All photos found lie in ${out}, where the results go: give another --out.`,
      );
    }
    const photos = await planResults(found, { outFolder: out, format, signal });
    const { hints, ...guidance } = await readHints(options, {
      count: photos.length,
      isAllPages: options.pages === "all",
    });
    const files = new ResultFiles(found, { overwrite });
    const report = new ColorizeReport(photos.length, { debug, json: options.json });
    const obstacles = await obstaclesToAll(photos, files);
    if (obstacles === undefined) await writing(out, mkdir(out, { recursive: true }));
    if (obstacles !== undefined) {
      for (const [index, photo] of photos.entries()) report.failure(photo, obstacles[index]);
    } else if (server !== undefined) {
      using client = new ServiceClient({ ...options, server }, context.environment);
      await colorizeRemotely(photos, {
        client,
        files,
        report,
        settings: {
          model: referTo(model, chosen),
          quality,
          saturation,
          maxSide,
          stripMetadata: options.strip,
          hints: [...hints],
          removeCast: guidance.removeCast,
          refine: guidance.refine,
          ...(guidance.strokes && { strokes: guidance.strokes }),
          ...(guidance.reference && { reference: guidance.reference }),
        },
        signal,
      });
    } else {
      using engine = await startEngine(context, options, options.precision);
      using colorizer = await loadChosen(engine, model, { ...chosen, size, signal });
      await colorizeLocally(photos, {
        colorizer,
        files,
        report,
        quality: quality === 0 ? undefined : quality,
        saturation,
        guidance: {
          hints: hints.map((hint) => ({ ...hint, ...chromaOfRgb(hint.rgb) })),
          ...guidance,
        },
        fitWithin: maxSide === 0 ? undefined : maxSide,
        limits: ownPhotoLimits(options),
        strip: options.strip,
        pages: options.pages,
        signal,
      });
    }
    report.end();
    return report.failed + unlisted.length === 0 ? 0 : 1;
  },
});

function qualityViolations(
  { format, quality }: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  if (!["png", "tiff"].includes(String(format)) || !quality) return [];
  return [{ field: "quality", description: `does not apply to --format ${format}` }];
}

/** Only a TIFF holds several pages. */
function requireTiff(format: string): void {
  if (format === "same" || format === "tiff") return;
  throw new TinctError(
    "invalid_argument",
    `--pages all goes with --format same or tiff: ${format} holds one picture.`,
  );
}
