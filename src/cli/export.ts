import { basename, dirname, extname, join, resolve } from "node:path";
import { boolean, choice, integer } from "../config/option.ts";
import { optionalServerOptions, serverFlags } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import { exportFormats } from "../exporting/export_format.ts";
import { exportMisfit, exportModel } from "../exporting/export_model.ts";
import type { ExportedFile } from "../exporting/exported_file.ts";
import { openExportable } from "../exporting/exportable_model.ts";
import { importedRefusal } from "../exporting/imported_refusal.ts";
import { requirePlace, writeExport } from "../exporting/write_export.ts";
import { isThere } from "../files/folder_tree.ts";
import { nameMisfit } from "../jobs/names.ts";
import { IMPORT_FILE } from "../profiles/imported_folder.ts";
import type { CheckpointMetric } from "../checkpoints/checkpoint_manifest.ts";
import { countTrainedPhotos } from "../runs/trained_photos.ts";
import { shown } from "../shown.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { formatBytes } from "../terminal/quantities.ts";
import { version as programVersion } from "../version.ts";
import { counted } from "../words.ts";
import { readChoice, weightsOption } from "./checkpoint_option.ts";
import { receiveExport } from "./receive_export.ts";

export const command = defineCommand({
  description: [
    "Writes a model in a form that other programs take, into the folder DIR/NAME, with a card that says",
    "what it is (README.md). What is there already stays, unless --force replaces an export. Batch norms",
    "are folded, and batches have any size. TensorFlow's library is not needed.",
    "",
    "onnx: model.onnx, for ONNX Runtime and others, from lightness to colours of a square; with --whole",
    "from photos of any size to photos in colour. safetensors: the weights with their PyTorch names.",
    "triton: config.pbtxt and 1/model.onnx; DIR is the model repository of a Triton server.",
  ].join("\n"),
  options: {
    model: text("RUN", "the model, as for `colorize`; with --server, a model's name"),
    ...optionalServerOptions,
    version: integer(0, [0, 2 ** 31 - 1], "with --server: the model's version; 0: the newest"),
    checkpoint: text("latest|best|STEP", "checkpoint of a run to export", "latest"),
    weights: weightsOption,
    size: integer(0, [0, 2048], "side of the square that the model sees; 0: as trained", "pixels"),
    format: choice(exportFormats, "the form, see above"),
    whole: boolean(false, "take photos and give photos: L*a*b* and all scaling are in the network"),
    out: text("DIR", "folder for the model's own folder; created if missing", "exports"),
    name: text("NAME", "name of the model's folder (default: that of the model)"),
    licence: text("TEXT", "the licence that the card states"),
    force: boolean(false, "replace an export that is there"),
    ...jsonOption,
  },
  switches: [{
    by: "server",
    with: [...serverFlags, "version"],
    without: ["checkpoint", "weights", "size"],
  }],
  both: ["model", "format", "whole", "out", "name", "licence", "force", "json"],
  check: wholeViolations,
  async run({ options }, { environment, signal }) {
    const { model, out, format, whole: isWhole, licence = "", server } = options;
    if (model === undefined) {
      throw new TinctError("invalid_argument", "--model is missing; --help says what it names.");
    }
    const name = options.name ?? nameOf(model, server !== undefined);
    const misfit = nameMisfit(name);
    if (misfit !== undefined) {
      throw new TinctError("invalid_argument", `The model needs another --name: it ${misfit}.`);
    }
    const place = { folder: out, name, replaces: options.force };
    await requirePlace(place); // before anything is read
    const write = async (files: readonly ExportedFile[]) => {
      const folder = await writeExport(files, place, signal);
      const listed = files.map(({ path, sizeBytes }) => ({ path, sizeBytes }));
      if (options.json) printJson({ folder, format, whole: isWhole, files: listed });
      else {
        for (const { path, sizeBytes } of files) {
          console.log(`${shown(join(folder, path))}  ${formatBytes(sizeBytes)}`);
        }
      }
    };
    if (server !== undefined) {
      using client = new ServiceClient({ ...options, server }, environment);
      const { version } = options;
      const request = { name: model, version, format, isWhole, licence };
      await receiveExport(client, request, write, signal);
      return;
    }
    if (isThere(join(model, IMPORT_FILE))) throw importedRefusal(shown(model), "an ONNX file");
    if (model.endsWith(".onnx") && isThere(model)) throw importedRefusal(shown(model));
    await using opened = await openExportable(model, {
      ...readChoice(options),
      size: options.size === 0 ? undefined : options.size,
      onWarning: ({ message }) => console.error(message),
      signal,
    });
    const { info, weights } = opened;
    const metric = info?.metric;
    await write(exportModel(opened, {
      name,
      trainedOn: await trainedOn(info?.path),
      step: info?.step,
      weights,
      options: opened.options,
      measures: metric ? [measureOf(metric)] : [],
      licence,
    }, { format, isWhole, programVersion }));
  },
});

function wholeViolations(
  { format = "onnx", whole = false }: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  const chosen = exportFormats.find((each) => each === format) ?? "onnx";
  const description = exportMisfit({ format: chosen, isWhole: whole === true });
  return description === undefined ? [] : [{ field: "whole", description }];
}

/** The name of a model on a server, or of its folder or file. */
function nameOf(model: string, isOnServer: boolean): string {
  if (isOnServer) return model;
  const path = resolve(model);
  return basename(path, extname(path));
}

/** As much of a measure as tells models apart. */
function measureOf({ name, value, direction }: CheckpointMetric): string {
  return `${name} ${Number(value.toPrecision(4))} (${direction} is better)`;
}

/** @param checkpoint the checkpoint's folder; undefined for a bare file. */
async function trainedOn(checkpoint: string | undefined): Promise<string> {
  const photos = checkpoint && await countTrainedPhotos(dirname(dirname(resolve(checkpoint))));
  return photos ? `Trained on ${counted(photos, "photo")}` : "Trained on photos that nobody noted";
}
