import { trainingOptions } from "../config/training.ts";
import { boolean } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import { preparePhotos } from "../images/prepare_photos.ts";
import { openRun } from "../training/run.ts";
import { version } from "../version.ts";
import { text } from "./arguments.ts";
import { defineCommand } from "./command.ts";
import { engineOptions, startEngine } from "./engine_options.ts";
import { preparedFolder, showPreparing } from "./prepare_data.ts";
import {
  describeValidation,
  interrupted,
  trainInTerminal,
  warnOfPhotos,
} from "./training_session.ts";

export const command = defineCommand({
  description: [
    "Trains a U-Net generator against a PatchGAN on a folder tree of photos. The photos are decoded",
    "once, into the cache. The run's folder gets metrics.jsonl, samples/, checkpoints/ and losses.png.",
    "Ctrl-C stops after the current step, with a checkpoint; --resume goes on from the newest one",
    "with the run's own settings.",
  ].join("\n"),
  options: {
    data: text("DIR", "the folder tree of photos"),
    out: text("RUN", "the run's folder; made if need be"),
    resume: boolean(false, "go on with the run in RUN"),
    ...engineOptions,
    ...trainingOptions,
  },
  async run({ options, given }, context) {
    const { data, out, resume } = options;
    if (data === undefined || out === undefined) {
      throw new TinctError(
        "invalid_argument",
        `${data === undefined ? "--data" : "--out"} is missing.`,
      );
    }
    const record: Readonly<Record<string, unknown>> = options;
    const chosen = Object.fromEntries(
      [...given].filter((name) => Object.hasOwn(trainingOptions, name))
        .map((name) => [name, record[name]]),
    );
    using run = await openRun(out, {
      given: chosen,
      resume,
      programVersion: version,
      onWarning: ({ message }) => console.error(message),
    });
    await using set = await showPreparing("Preparing photos", (onProgress) =>
      preparePhotos(data, {
        size: run.config.size,
        cacheFolder: preparedFolder(context.environment.cacheFolder),
        signal: context.signal,
        onProgress,
      }));
    warnOfPhotos(set);
    using engine = await startEngine(context, options, run.config.precision);
    const { signal } = context;
    const { outcome, sheet, chart } = await trainInTerminal({ engine, set, run, resume, signal });
    if (outcome.reason === "interrupted") {
      throw interrupted(outcome, `deno task tinct train --data ${data} --out ${out} --resume`);
    }
    console.log(`Trained ${outcome.step} steps on ${set.count} photos.`);
    if (outcome.validation) console.log(`Validation: ${describeValidation(outcome.validation)}`);
    if (sheet !== undefined) console.log(`Samples:    ${sheet}`);
    if (chart !== undefined) console.log(`Losses:     ${chart}`);
    console.log(`Checkpoint: ${outcome.checkpoint}`);
  },
});
