import { idleOptions } from "../config/idle_options.ts";
import { parseTrainingConfig, trainingOptions } from "../config/training.ts";
import { boolean } from "../config/option.ts";
import { ownPhotoLimits, ownPhotoOptions } from "../config/photo_limits.ts";
import { TinctError } from "../errors.ts";
import { listPhotos } from "../images/photo_folder.ts";
import { preparePhotos } from "../prepared/prepare_photos.ts";
import {
  readEncoder,
  readGenerator,
  startFrom,
  startWithEncoder,
  startWithGenerator,
} from "../training/start_from.ts";
import { openRun } from "../runs/run.ts";
import { version } from "../version.ts";
import { flagName, text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { commandLine, givenWords } from "../terminal/command_line.ts";
import { engineOptions, requireDevice } from "../installation/engine_options.ts";
import { warnBeforeTraining } from "../local_training/preflight.ts";
import { jsonOption } from "../terminal/print_json.ts";
import { readOrigin } from "../local_training/start_origin.ts";
import {
  preparedFolder,
  refuseRunAmongPhotos,
  showPreparing,
} from "../local_training/prepare_data.ts";
import { followTraining } from "../local_training/replicas/follow_command.ts";
import {
  leading,
  refuseUnreplicated,
  resumeWords,
  startLeading,
} from "../local_training/replicas/lead_command.ts";
import {
  endWithInput,
  readReplica,
  REPLICA_LOST,
  replicaOptions,
} from "../local_training/replicas/options.ts";
import { startReplicas } from "../local_training/replicas/start_replicas.ts";
import { recipeDefaults, trainingCheck } from "../terminal/training_check.ts";
import {
  checkPerceptualWeights,
  openPerceptualWeights,
  perceptualOptions,
} from "../local_training/perceptual_weights.ts";
import { interrupted, trainInTerminal, warnOfPhotos } from "../local_training/training_session.ts";
import { printSummary, printSummaryJson } from "../local_training/training_summary.ts";

export const command = defineCommand({
  description: [
    "Trains a U-Net generator against a PatchGAN on a folder tree of photos. The photos are decoded",
    "once, into the cache. The run's folder gets metrics.jsonl, samples/, checkpoints/ and losses.png.",
    "Ctrl-C stops after the current step, with a checkpoint. --resume continues from the newest",
    "checkpoint, with the run's own settings.",
    "",
    "--replicas N trains in N processes on this machine, with N times --batch-size photos per step. On",
    "GPUs, each process has its own. On several machines, start each process yourself, all with the",
    "same --replica-addresses and each with its own --rank; docs/training.md says how.",
  ].join("\n"),
  options: {
    data: text("DIR", "the folder tree of photos"),
    out: text("RUN", "the run's folder; created if missing"),
    resume: boolean(false, "continue the run in RUN"),
    startFrom: text(
      "RUN",
      "start with the weights of another run or checkpoint, or of a generator in a .pth, .pt or " +
        ".safetensors file",
    ),
    encoderWeights: text(
      "FILE",
      "start with an encoder that was trained before: a ResNet of torchvision or timm (.pth, .pt or " +
        ".safetensors)",
    ),
    ...perceptualOptions,
    ...jsonOption,
    ...replicaOptions,
    ...ownPhotoOptions,
    ...engineOptions,
    ...trainingOptions,
  },
  check: trainingCheck,
  defaults: recipeDefaults,
  async run({ options, given }, context) {
    const { data, out, resume, encoderWeights } = options;
    requireDevice(context, options);
    using _parent = endWithInput(options);
    const replica = readReplica(options, given);
    if (data !== undefined && replica !== undefined && replica.rank > 0) {
      return await followTraining(data, replica, { options, given }, context);
    }
    if (data === undefined || out === undefined) {
      const missing = data === undefined
        ? "--data DIR is missing: the folder tree of photos"
        : "--out RUN is missing: the folder for the run";
      throw new TinctError("invalid_argument", `${missing}. --help explains the options.`);
    }
    refuseRunAmongPhotos(out, data);
    const record: Readonly<Record<string, unknown>> = options;
    const origin = await readOrigin(options);
    if (encoderWeights !== undefined && (resume || origin !== undefined)) {
      throw new TinctError(
        "invalid_argument",
        `Give --encoder-weights or ${resume ? "--resume" : "--start-from"}, not both: the run's ` +
          "encoder has weights already.",
      );
    }
    const chosen = {
      ...origin?.network,
      ...Object.fromEntries(
        [...given].filter((name) => Object.hasOwn(trainingOptions, name))
          .map((name) => [name, record[name]]),
      ),
    };
    if (origin !== undefined) {
      parseTrainingConfig(chosen, { nameOf: flagName, replicas: options.replicas });
    }
    if (options.replicas > 1) {
      refuseUnreplicated(options);
      await listPhotos(data); // before processes are started, what they would be refused
      const { maxMinutes: _, ...others } = trainingOptions;
      const trainingWords = givenWords({ ...others, ...jsonOption }, options, given);
      const { threads: __, ...engineOthers } = engineOptions;
      const engineWords = givenWords({ ...engineOthers, ...ownPhotoOptions }, options, given);
      return await startReplicas(
        {
          ...{ data, out, resume, options, trainingWords, engineWords },
          startFrom: options.startFrom,
          encoderWeights,
        },
        context,
      );
    }
    const { perceptualWeights } = options;
    const { signal } = context;
    let encoder: Awaited<ReturnType<typeof readEncoder>> | undefined;
    if (!resume) {
      const config = parseTrainingConfig(chosen, { nameOf: flagName });
      if (origin !== undefined && "prefix" in origin.from) {
        await listPhotos(data, { signal }); // they are soon looked for, and the file is slow to read
        // What does not fit is told before photos are prepared; it is read again when it is used.
        await readGenerator(origin.from, config, { nameOf: flagName, signal });
      }
      const hasEncoder = encoderWeights !== undefined || origin !== undefined;
      await checkPerceptualWeights(perceptualWeights, config, hasEncoder);
      if (encoderWeights !== undefined) {
        encoder = await readEncoder(encoderWeights, config, { nameOf: flagName, signal });
      }
    }
    using run = await openRun(out, {
      given: chosen,
      resume,
      programVersion: version,
      nameOf: flagName,
      onWarning: ({ message }) => console.error(message),
    });
    if (resume) await checkPerceptualWeights(perceptualWeights, run.config, true);
    for (const sentence of idleOptions(chosen, run.config, flagName)) console.error(sentence);
    await using set = await showPreparing("Preparing photos", (onProgress) =>
      preparePhotos(data, {
        size: run.config.size,
        limits: ownPhotoLimits(options),
        cacheFolder: preparedFolder(context.environment.cacheFolder),
        signal,
        onProgress,
        onLeftOut: console.error,
      }));
    warnOfPhotos(set);
    await warnBeforeTraining(set, run, options.device);
    using parts = await startLeading({ config: run.config, set, replica }, options, context);
    const { engine, leader } = parts;
    const from = origin?.from;
    if (from !== undefined && "checkpoint" in from) {
      await startFrom(engine, run, set, from.checkpoint);
    } else if (from !== undefined) {
      const generator = await readGenerator(from, run.config, { nameOf: flagName, signal });
      await startWithGenerator(engine, run, set, generator);
    }
    if (encoder !== undefined) await startWithEncoder(engine, run, set, encoder);
    using perceptual = await openPerceptualWeights(engine, perceptualWeights, run.config, signal);
    const replicas = leader?.size ?? 1;
    const resumeWith = resumeWords({ data, out }, options, { given, replicas });
    const advice = options.untilInputEnds
      ? undefined
      : `Continue with those that are left: ${commandLine(resumeWith)}`;
    const result = await leading(
      leader,
      () =>
        trainInTerminal({
          ...{ engine, set, run, signal, leader, perceptual },
          resume: resume || origin !== undefined || encoder !== undefined,
        }),
      { signal, advice },
    );
    if (result === REPLICA_LOST) return result;
    const { outcome, sheet, chart } = result;
    const summary = { run: out, config: run.config, photos: set.count, outcome, sheet, chart };
    if (options.json) printSummaryJson(summary);
    if (outcome.reason === "interrupted" || outcome.reason === "paused") {
      throw interrupted(outcome, resumeWith);
    }
    if (!options.json) printSummary(summary);
    return 0;
  },
});
