import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { boolean, integer, number } from "../config/option.ts";
import { ownPhotoLimits, ownPhotoOptions } from "../config/photo_limits.ts";
import { TinctError } from "../errors.ts";
import { prepareGenerated } from "../prepared/prepare_generated.ts";
import { preparePhotos } from "../prepared/prepare_photos.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { renderScene, scenesVersion } from "../scenes/scenes.ts";
import { splitSet } from "../prepared/split_set.ts";
import { evaluateRun } from "../training/evaluate_run.ts";
import { openRun } from "../runs/run.ts";
import { version } from "../version.ts";
import { text } from "../terminal/arguments.ts";
import type { CommandContext } from "../terminal/command.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption } from "../terminal/print_json.ts";
import { printSummaryJson } from "../local_training/training_summary.ts";
import { givenWords } from "../terminal/command_line.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import {
  preparedFolder,
  refuseRunAmongPhotos,
  showPreparing,
} from "../local_training/prepare_data.ts";
import { interrupted, trainInTerminal, warnOfPhotos } from "../local_training/training_session.ts";

/**
 * A model small enough to learn something in three minutes on two cores. L1 first, at twice the rate,
 * and the moving average shown: 26.4 dB on unseen scenes, where the GAN from the start had 24.4.
 */
const demoConfig = {
  size: 96,
  nDown: 5,
  ngf: 24,
  ndf: 16,
  nLayers: 2,
  batchSize: 8,
  lrG: 1e-3,
  lrD: 2e-4,
  pretrainSteps: 2000,
  lrPretrain: 2e-3,
  emaDecay: 0.995,
  validationFraction: 0.05,
  validateEvery: 200,
  validationPhotos: 64,
  sampleEvery: 0,
  checkpointEvery: 200,
  keepCheckpoints: 1,
} as const;

/** Scenes to learn from; those it is judged by are drawn with another seed. */
const trainingScenes = 3000;
const heldOutScenes = 200;
const shownScenes = 8;

/** What a command that goes on with the demo has to repeat. */
const repeated = {
  data: text("DIR", "train on these photos instead of drawn scenes"),
  minutes: number(3, [0.05, 600], "longest training", "minutes"),
  ...engineOptions,
} as const;

export const command = defineCommand({
  description: [
    "Downloads the TensorFlow library if it is missing, draws thousands of small colourful scenes and",
    "trains a small model on them. Then it colorizes scenes the model has never seen, and measures the",
    "result.",
  ].join("\n"),
  options: {
    out: text("RUN", "the run's folder (default: runs/demo, or the next free name)"),
    resume: boolean(false, "continue the demo in RUN"),
    seed: integer(0, [0, 2 ** 31 - 1], "seed of every random draw"),
    ...repeated,
    ...jsonOption,
  },
  async run({ options, given }, context) {
    const { data, resume, minutes, out = freeName(join("runs", "demo")) } = options;
    const { signal } = context;
    if (resume && !given.has("out")) {
      throw new TinctError("invalid_argument", "--resume needs --out RUN, the run to continue.");
    }
    requireDevice(context, options);
    if (data !== undefined) refuseRunAmongPhotos(out, data);
    using run = await openRun(out, {
      given: {
        ...(!resume && demoConfig),
        ...((!resume || given.has("seed")) && { seed: options.seed }),
        maxMinutes: minutes,
      },
      resume,
      programVersion: version,
      onWarning: ({ message }) => console.error(message),
    });
    using engine = await startEngine(context, options, "float32");
    const { size, seed } = run.config;
    await using set = data === undefined
      ? await drawScenes(context, { count: trainingScenes, size, seed })
      : await readPhotos(context, data, size);
    await using unseen = data === undefined
      ? await drawScenes(context, { count: heldOutScenes, size, seed: seed + 1 })
      : set;
    warnOfPhotos(set);
    const { outcome, sheet: samples, chart } = await trainInTerminal({
      ...{ engine, set, run, resume, signal },
    });
    const summary = { run: out, config: run.config, photos: set.count, outcome, chart };
    if (outcome.reason === "interrupted") {
      if (options.json) printSummaryJson({ ...summary, sheet: samples });
      const words = givenWords(repeated, options, given);
      throw interrupted(outcome, ["demo", ...words, "--out", out, "--resume"]);
    }
    const indices = data === undefined
      ? Uint32Array.from({ length: heldOutScenes }, (_, i) => i)
      : splitSet(set.ids, run.config).validation;
    const what = data === undefined ? "scenes it has never seen" : "photos it has never seen";
    const { validation, sheet } = await evaluateRun(engine, run, {
      set: unseen,
      indices,
      shown: shownScenes,
      title: `Colorized: ${what}`,
    });
    const sheetPath = join(run.folder, "colorized.png");
    await writeFileAtomically(sheetPath, sheet);
    if (options.json) {
      const measured = { ...outcome, validation };
      return printSummaryJson({ ...summary, outcome: measured, sheet: sheetPath });
    }
    const { psnr, psnrGray, abError, abErrorGray, photos } = validation;
    const gain = psnr - psnrGray;
    console.log(`
${outcome.step} steps, then ${photos} ${what}:

             PSNR       ab error
  gray       ${psnrGray.toFixed(2)} dB   ${abErrorGray.toFixed(2)}
  colorized  ${psnr.toFixed(2)} dB   ${abError.toFixed(2)}   (${gain < 0 ? "" : "+"}${
      gain.toFixed(2)
    } dB)

Samples:    ${sheetPath}   L | colorized | real
Losses:     ${chart ?? "none were logged"}
Checkpoint: ${outcome.checkpoint}

Colorize photos with it: deno task tinct colorize --model ${out} PHOTO... --out DIR`);
  },
});

async function drawScenes(
  context: CommandContext,
  { count, size, seed }: { count: number; size: number; seed: number },
): Promise<PreparedSet> {
  return await showPreparing(
    "Drawing scenes",
    (onProgress) =>
      prepareGenerated((index) => renderScene(index, { seed, size }), {
        count,
        size,
        key: `scenes ${scenesVersion}, seed ${seed}`,
        cacheFolder: preparedFolder(context.environment.cacheFolder),
        signal: context.signal,
        onProgress,
      }),
  );
}

async function readPhotos(
  context: CommandContext,
  folder: string,
  size: number,
): Promise<PreparedSet> {
  return await showPreparing("Preparing photos", (onProgress) =>
    preparePhotos(folder, {
      size,
      cacheFolder: preparedFolder(context.environment.cacheFolder),
      limits: ownPhotoLimits({
        maxPhotoMegapixels: ownPhotoOptions.maxPhotoMegapixels.default,
        maxPhotoSide: ownPhotoOptions.maxPhotoSide.default,
      }),
      signal: context.signal,
      onProgress,
      onLeftOut: console.error,
    }));
}

/** The path, or with a number after it, that nothing has yet. */
function freeName(path: string): string {
  for (let number = 1;; number++) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(name)) return name;
  }
}
