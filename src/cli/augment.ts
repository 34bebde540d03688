import { mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { writing } from "../files/file_errors.ts";
import { boolean, integer } from "../config/option.ts";
import { parseTrainingConfig, type TrainingConfig, trainingOptions } from "../config/training.ts";
import { type OwnPhotoChoice, ownPhotoLimits, ownPhotoOptions } from "../config/photo_limits.ts";
import { TinctError } from "../errors.ts";
import { decodeResized } from "../images/decode.ts";
import { PhotoError } from "../images/photo_error.ts";
import { composeSampleSheet, type SheetRow } from "../drawing/sample_sheet.ts";
import { flagName, text } from "../terminal/arguments.ts";
import { augmentationRows, describeRows } from "../augmentation/augmentation_sheet.ts";
import { defineCommand } from "../terminal/command.ts";
import { givenWords } from "../terminal/command_line.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import { findPhotos, type PhotoInput } from "../results/photo_inputs.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted } from "../terminal/quantities.ts";
import { shown } from "../shown.ts";

const {
  flip,
  crop,
  rotate,
  saturationJitter,
  whiteBalanceJitter,
  blur,
  grain,
  cutout,
  spectralFilm,
} = trainingOptions;

const augmentationOptions = {
  flip,
  crop,
  rotate,
  saturationJitter,
  whiteBalanceJitter,
  blur,
  grain,
  cutout,
  spectralFilm,
} as const;

/** What is shown where no option was chosen: of each as much as photos usually bear. */
const suggestions = {
  crop: 0.6,
  rotate: 8,
  saturationJitter: 0.2,
  whiteBalanceJitter: 8,
  blur: 1.5,
  grain: 6,
  cutout: 0.4,
  spectralFilm: 1,
} as const;

export const command = defineCommand({
  description: [
    "Writes a sheet that shows what each augmentation option does to photos: one row per option, then",
    "all options together. It shows the colours to predict, and beside them the L that the networks",
    "see. Training with the same options changes photos in the same way. If you give no option, each",
    "one has a usual value.",
  ].join("\n"),
  options: {
    preview: boolean(true, "write the sheet; this command does nothing else"),
    out: text("FILE", "the sheet, as a PNG", "augmentation.png"),
    overwrite: boolean(false, "replace an existing sheet"),
    photos: integer(
      2,
      [1, 16],
      "photos on the sheet; from a larger set, evenly spaced ones",
      "photos",
    ),
    draws: integer(4, [1, 12], "changed versions of each photo in a row", "pictures"),
    size: trainingOptions.size,
    seed: trainingOptions.seed,
    ...augmentationOptions,
    ...ownPhotoOptions,
    ...engineOptions,
    ...jsonOption,
  },
  operands: { name: "PHOTO", help: "photos and folders of photos", min: 1, max: Infinity },
  async run({ options, given, operands }, context) {
    const { out, size, draws, seed } = options;
    if (!options.preview) {
      throw new TinctError("invalid_argument", "There is nothing to do without --preview.");
    }
    requireDevice(context, options);
    const config = chosenConfig(options, given);
    const rows = describeRows(config);
    if (rows.length === 0) {
      throw new TinctError("invalid_argument", "Every option is off: there is nothing to show.");
    }
    const { signal } = context;
    const { photos: found, unlisted, leftOut } = await findPhotos(operands, {
      outFolder: out,
      signal,
    });
    for (const sentence of unlisted) console.error(sentence);
    if (leftOut !== undefined) console.error(leftOut);
    await refuseToReplace(out, found, options.overwrite);
    const { photos, failed } = await readSome(found, options, signal);
    using engine = await startEngine(context, options, "float32");
    const sheet: SheetRow[] = [];
    for (const [index, photo] of photos.entries()) {
      signal.throwIfAborted();
      const step = index + 1;
      sheet.push(...await augmentationRows(engine, photo, rows, { size, draws, seed, step }));
    }
    const png = await composeSampleSheet(sheet, {
      title: "Augmentation",
      subtitle: subtitle(config, { size, seed }),
      columnTitles: ["photo", ...Array.from({ length: draws }, (_, i) => `draw ${i + 1}`)],
      groups: photos.length,
      maxRows: sheet.length,
    });
    await writing(out, mkdir(dirname(out), { recursive: true }));
    await writeFileAtomically(out, png);
    const problems = [...unlisted, ...failed];
    if (options.json) {
      const chosen = Object.keys(augmentationOptions) as (keyof typeof augmentationOptions)[];
      const shownOptions = Object.fromEntries(chosen.map((name) => [name, config[name]]));
      printJson({ sheet: out, photos: photos.length, options: shownOptions, problems });
    } else console.log(`Wrote ${shown(out)}: ${counted(photos.length, "photo")}.`);
    return problems.length === 0 ? 0 : 1;
  },
});

/** The options as training would have them, or the suggestions where none was chosen. */
function chosenConfig(
  options: Readonly<Record<string, unknown>>,
  given: ReadonlySet<string>,
): TrainingConfig {
  const chosen = Object.keys(augmentationOptions).filter((name) => given.has(name));
  if (chosen.length === 0) return parseTrainingConfig(suggestions);
  const values = Object.fromEntries(chosen.map((name) => [name, options[name]]));
  return parseTrainingConfig(values, { nameOf: flagName });
}

function subtitle(
  config: TrainingConfig,
  { size, seed }: { readonly size: number; readonly seed: number },
): string {
  const differing = new Set(
    Object.entries(augmentationOptions)
      .filter(([name, option]) => config[name as keyof TrainingConfig] !== option.default)
      .map(([name]) => name),
  );
  const words = ["train", ...givenWords(augmentationOptions, config, differing)];
  return `tinct ${words.join(" ")}   (seed ${seed}, ${size} x ${size} pixels)`;
}

async function refuseToReplace(
  out: string,
  photos: readonly PhotoInput[],
  overwrite: boolean,
): Promise<void> {
  const there = await realpath(out).catch(() => undefined);
  if (there === undefined) return;
  for (const { path, name } of photos) {
    if (await realpath(path).catch(() => path) !== there) continue;
    throw new TinctError("invalid_argument", `--out ${out} is the photo ${name}: name another.`);
  }
  if (overwrite) return;
  throw new TinctError(
    "already_exists",
    `${out} exists already: give another --out, or --overwrite.`,
  );
}

/** Reads photos, evenly spaced over those that were found; what cannot be read is named. */
async function readSome(
  found: readonly PhotoInput[],
  { photos: most, size, ...choice }: OwnPhotoChoice & {
    readonly photos: number;
    readonly size: number;
  },
  signal: AbortSignal,
): Promise<{ photos: Uint8Array[]; failed: string[] }> {
  const limits = ownPhotoLimits(choice);
  const count = Math.min(most, found.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => found[Math.floor((i + 0.5) * found.length / count)]!,
  );
  const photos: Uint8Array[] = [];
  const failed: string[] = [];
  for (const { path, name } of chosen) {
    try {
      photos.push(await decodeResized(path, size, { ...limits, name, signal }));
    } catch (error) {
      if (!(error instanceof PhotoError)) throw error;
      console.error(error.message);
      failed.push(error.message);
    }
  }
  if (photos.length > 0) return { photos, failed };
  throw new TinctError("invalid_argument", "None of the photos could be read; there is no sheet.");
}
