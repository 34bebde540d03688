import { trainingOptions } from "../config/training.ts";
import { boolean } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import { preparePhotos } from "../images/prepare_photos.ts";
import { earlyStopSentence } from "../training/best_metric.ts";
import { openRun } from "../training/run.ts";
import { version } from "../version.ts";
import { text } from "./arguments.ts";
import { defineCommand } from "./command.ts";
import { givenWords } from "./command_line.ts";
import { engineOptions, startEngine } from "./engine_options.ts";
import { preparedFolder, refuseRunAmongPhotos, showPreparing } from "./prepare_data.ts";
import { counted } from "./quantities.ts";
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
      const missing = data === undefined
        ? "--data DIR is missing: the folder tree of photos"
        : "--out RUN is missing: the folder that the run is to be kept in";
      throw new TinctError("invalid_argument", `${missing}; --help says more.`);
    }
    refuseRunAmongPhotos(out, data);
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
    if (outcome.reason === "interrupted" || outcome.reason === "paused") {
      const words = ["train", "--data", data, "--out", out, "--resume"];
      throw interrupted(outcome, [...words, ...givenWords(engineOptions, options, given)]);
    }
    console.log(
      outcome.stepsTaken > 0
        ? `Trained ${counted(outcome.step, "step")} on ${counted(set.count, "photo")}.`
        : `The run had come to its end before, at step ${outcome.step}: --max-steps and --epochs ` +
          "take it further.",
    );
    if (outcome.reason === "early_stop") console.log(earlyStopSentence(outcome, run.config));
    if (outcome.validation) console.log(`Validation: ${describeValidation(outcome.validation)}`);
    if (sheet !== undefined) console.log(`Samples:    ${sheet}`);
    if (chart !== undefined) console.log(`Losses:     ${chart}`);
    console.log(`Checkpoint: ${outcome.checkpoint}`);
  },
});
