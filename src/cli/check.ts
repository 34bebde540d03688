import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { boolean } from "../config/option.ts";
import { parseTrainingConfig, type TrainingConfig, trainingOptions } from "../config/training.ts";
import { ownPhotoLimits, ownPhotoOptions } from "../config/photo_limits.ts";
import { TinctError } from "../errors.ts";
import { findOddities } from "../prepared/photo_findings.ts";
import { listPhotos } from "../images/photo_folder.ts";
import type { PhotoLimits } from "../images/photo_limits.ts";
import { splitSet } from "../prepared/split_set.ts";
import { type PhotoSurvey, surveyPhotos } from "../prepared/survey_photos.ts";
import { noValidationSentence } from "../training/no_validation.ts";
import { containerMemory } from "../machine/container_memory.ts";
import { availableMemoryBytes } from "../machine/memory.ts";
import { explainOutOfMemory } from "../training/out_of_memory.ts";
import {
  measureStep,
  type MemoryGuard,
  type StepMeasurement,
} from "../training/resources/measure_step.ts";
import {
  memoryShortage,
  type MemoryThere,
  shortageSentence,
} from "../training/resources/memory_shortage.ts";
import { resourceNeeds, resourceWarnings } from "../training/resources/resource_needs.ts";
import { memoryOf } from "../training/resources/step_memory.ts";
import { flagName, text } from "../terminal/arguments.ts";
import { type CommandContext, defineCommand } from "../terminal/command.ts";
import { freeBytesForFolder } from "../files/free_bytes.ts";
import {
  type EngineChoice,
  engineOptions,
  requireDevice,
  startEngine,
} from "../installation/engine_options.ts";
import { describePreflight, obstaclesOf } from "../local_training/preflight.ts";
import { preparedFolder } from "../local_training/prepare_data.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { Progress } from "../terminal/progress.ts";
import { allWritten, stderr } from "../terminal/output/standard_streams.ts";
import { recipeDefaults, trainingCheck } from "../terminal/training_check.ts";
import { shown } from "../shown.ts";

/** The share of a container's memory that is left when measuring is given up. */
const SPARE_SHARE = 0.05;

export const command = defineCommand({
  description: [
    "Reads every photo as training would, and trains a few steps on noise to measure time and memory.",
    "Writes nothing. Exit code 1: training would not start, or would run out of memory or disk.",
  ].join("\n"),
  options: {
    data: text("DIR", "the folder tree of photos"),
    measure: boolean(true, "train a few steps to measure time and memory"),
    ...jsonOption,
    ...ownPhotoOptions,
    ...engineOptions,
    ...trainingOptions,
  },
  switches: [{ by: "measure", with: Object.keys(engineOptions) }],
  check: trainingCheck,
  defaults: recipeDefaults,
  async run({ options, given }, context) {
    const { data } = options;
    if (data === undefined) {
      throw new TinctError(
        "invalid_argument",
        "--data DIR is missing: the folder tree of photos. --help explains the options.",
      );
    }
    requireDevice(context, options);
    const record: Readonly<Record<string, unknown>> = options;
    const config = parseTrainingConfig(
      Object.fromEntries(
        [...given].filter((name) => Object.hasOwn(trainingOptions, name))
          .map((name) => [name, record[name]]),
      ),
    );
    await listPhotos(data, { signal: context.signal }); // where there is none, nothing is measured
    const availableBytes = availableMemoryBytes();
    const there = { availableBytes, limitBytes: containerMemory()?.limitBytes };
    const shortage = options.device === "gpu" ? undefined : memoryShortage(config, there, flagName);
    // Before the photos, so that they take no part in the memory.
    const measured = options.measure && shortage === undefined
      ? await measure(context, options, config, there)
      : undefined;
    const survey = await lookAt(data, config, ownPhotoLimits(options), context.signal);
    const split = splitSet(survey.usable.ids, config);
    const findings = findOddities(survey.usable, { size: config.size, split });
    const { train, validation } = split;
    const cacheFolder = preparedFolder(context.environment.cacheFolder);
    const needs = measured && resourceNeeds(config, measured, {
      photos: { train: train.length, validation: validation.length },
      availableMemoryBytes: availableBytes,
      freeDiskBytes: await freeBytesForFolder(cacheFolder),
    });
    const preflight = { config, survey, split, findings, needs };
    const problems = [
      ...obstaclesOf(preflight),
      ...shortage === undefined ? [] : [shortage],
      ...needs ? resourceWarnings(needs, flagName) : [],
    ];
    const remark = noValidationSentence(split, config, flagName);
    if (options.json) {
      const { usable: { names }, ...photos } = survey;
      const split = { train: train.length, validation: validation.length };
      const ok = problems.length === 0;
      const remarks = remark === undefined ? [] : [remark];
      const others = [...photos.others].map(([format, count]) => ({ format, count }));
      const shownPhotos = { ...photos, others, usable: names.length };
      const all = { ok, problems, remarks, photos: shownPhotos, split };
      printJson({ ...all, findings, needs: needs ?? null });
    } else {
      console.log(describePreflight(preflight));
      if (remark !== undefined) console.log(shown(remark));
      for (const problem of problems) console.log(shown(problem));
      if (problems.length === 0) console.log("Training can begin.");
    }
    return problems.length === 0 ? 0 : 1;
  },
});

async function measure(
  context: CommandContext,
  options: EngineChoice,
  config: TrainingConfig,
  there: MemoryThere,
): Promise<StepMeasurement> {
  using engine = await startEngine(context, options, config.precision);
  console.error("Measuring a step …");
  try {
    return await measureStep(engine, config, {
      signal: context.signal,
      guard: options.device === "gpu" ? undefined : guardOf(config, there),
    });
  } catch (error) {
    throw explainOutOfMemory(error, config, () => memoryOf(engine), flagName);
  }
}

/** Ends this program with a sentence before the system ends it without one. */
function guardOf(config: TrainingConfig, there: MemoryThere): MemoryGuard | undefined {
  const { limitBytes } = there;
  if (limitBytes === undefined) return undefined;
  let isEnding = false;
  return {
    isShort: () => !isEnding && availableMemoryBytes() < SPARE_SHARE * limitBytes,
    onShort: () => {
      isEnding = true;
      stderr.write(`${shortageSentence(config, there, flagName)}\n`);
      void allWritten(100).then(() => process.exit(1));
    },
  };
}

async function lookAt(
  data: string,
  { size }: TrainingConfig,
  limits: PhotoLimits,
  signal: AbortSignal,
): Promise<PhotoSurvey> {
  let progress: Progress | undefined;
  try {
    return await surveyPhotos(data, {
      size,
      limits,
      concurrency: availableParallelism() + 4,
      signal,
      onProgress: ({ done, total }) => {
        const [sink, now] = [stderr, () => performance.now()];
        progress ??= new Progress({ label: "Looking at photos", total, sink, now });
        progress.update(done);
      },
    });
  } finally {
    progress?.[Symbol.dispose]();
  }
}
