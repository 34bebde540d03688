import { join } from "node:path";
import type { CheckpointInfo } from "../checkpoints/checkpoint_folder.ts";
import { MANIFEST_NAME } from "../checkpoints/checkpoint_manifest.ts";
import type { GeneratorWeights } from "../checkpoints/generator_weights.ts";
import { type LoadedGenerator, loadGenerator } from "../checkpoints/load_generator.ts";
import { surveyCheckpoints, type WarningListener } from "../checkpoints/run_folder.ts";
import { refuseForeign, type TensorFile } from "../checkpoints/tensor_file.ts";
import { compareTensorSpecs } from "../checkpoints/tensor_specs.ts";
import { parseTrainingConfig, type TrainingConfig, trainingOptions } from "../config/training.ts";
import { sideMultiple } from "../config/generators.ts";
import { TinctError } from "../errors.ts";
import { JsonFields } from "../files/json_fields.ts";
import { generatorParameters, idleTensors } from "../model/generator_layers.ts";
import { pytorchShape } from "../model/parameters.ts";
import type { GeneratorConfig } from "./frozen_network.ts";
import { recognizeGenerator } from "./recognize_generator.ts";

/** Which generator is opened. */
interface GeneratorChoice {
  /** Of a run: the newest checkpoint (when left out), the best by its metric, or that of a step. */
  readonly checkpoint?: "latest" | "best" | number | undefined;
  /** Which weights of a checkpoint; the moving average where it has one, when left out. */
  readonly weights?: GeneratorWeights | undefined;
  /** Is told of each damaged checkpoint that is passed over; see LoadGeneratorOptions. */
  readonly onWarning?: WarningListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options of `openGenerator`. */
export interface OpenGeneratorOptions extends GeneratorChoice {
  /** Side of the squares that the generator sees, pixels; what it was trained with when left out. */
  readonly size?: number | undefined;
}

/** A generator whose file has all of its tensors. Owns the open file. */
export interface OpenedGenerator extends AsyncDisposable {
  readonly config: GeneratorConfig;
  readonly file: TensorFile;
  /** Stands before the names of its tensors in the file, such as "net_G."; mostly "". */
  readonly prefix: string;
  /** The checkpoint that it is from; undefined for a bare file. */
  readonly info: CheckpointInfo | undefined;
  /** Which weights of a checkpoint; undefined for a bare file. */
  readonly weights: GeneratorWeights | undefined;
}

/**
 * Opens a generator and compares its tensors with those of its configuration; none is read.
 *
 * @param path as for `loadColorizer`.
 * @returns the generator; the caller disposes of it.
 * @throws {TinctError} what `loadGenerator` throws; failed_precondition when the file is of another
 *   configuration or no generator; invalid_argument when the size is none that it can halve.
 */
export async function openGenerator(
  path: string,
  { size, ...choice }: OpenGeneratorOptions = {},
): Promise<OpenedGenerator> {
  await using owner = new AsyncDisposableStack();
  const { file, info, weights } = owner.use(await openChosen(path, choice));
  const { prefix, root, config: trained } = info === undefined
    ? recognizeGenerator(file)
    : { prefix: "", root: "", config: generatorConfig(info) };
  const config = { ...trained, size: size ?? trained.size };
  refuseSize(config);
  refuseOtherTensors(file, { prefix, root, config });
  const kept = owner.move();
  const close = () => kept.disposeAsync();
  return { config, file, prefix, info, weights, [Symbol.asyncDispose]: close };
}

/**
 * The configuration that a model was trained with.
 *
 * @param path as for `loadColorizer`.
 * @returns undefined for a bare file, which has none.
 * @throws {TinctError} what `loadGenerator` throws.
 */
export async function readTrainedConfig(
  path: string,
  options: GeneratorChoice = {},
): Promise<TrainingConfig | undefined> {
  await using loaded = await openChosen(path, options);
  return loaded.info && configOf(loaded.info);
}

async function openChosen(
  path: string,
  { checkpoint = "latest", weights, onWarning, signal }: GeneratorChoice,
): Promise<LoadedGenerator> {
  return await loadGenerator(
    typeof checkpoint === "number" ? await pathOfStep(path, checkpoint) : path,
    {
      prefer: checkpoint === "best" ? "best" : "latest",
      weights,
      ...(onWarning && { onWarning }),
      signal,
    },
  );
}

async function pathOfStep(runFolder: string, step: number): Promise<string> {
  const { checkpoints, unreadable } = await surveyCheckpoints(runFolder);
  const damaged = unreadable.find((checkpoint) => checkpoint.step === step);
  if (damaged) throw damaged.error;
  const found = checkpoints.find((checkpoint) => checkpoint.step === step);
  if (found) return found.path;
  const steps = checkpoints.map((checkpoint) => checkpoint.step).join(", ") || "none";
  throw new TinctError(
    "not_found",
    `${runFolder} has no checkpoint of step ${step}; it has ${steps}.`,
  );
}

/** The configuration that training wrote beside the weights. */
function generatorConfig(info: CheckpointInfo): GeneratorConfig {
  const { generator, decoderNorm, hints, nDown, ngf, leakySlope, batchNormEpsilon, size } =
    configOf(info);
  return { generator, decoderNorm, hints, nDown, ngf, leakySlope, batchNormEpsilon, size };
}

/** The options of the training that a checkpoint is from. @throws {TinctError} data_loss. */
export function configOf({ path, state }: CheckpointInfo): TrainingConfig {
  const fields = new JsonFields(state, join(path, MANIFEST_NAME), "state.");
  return parseTrainingConfig(fields.object("config").value);
}

function refuseSize(config: GeneratorConfig): void {
  const { size } = config;
  const multiple = sideMultiple(config);
  const { min, max } = trainingOptions.size;
  if (Number.isInteger(size) && size >= min && size <= max && size % multiple === 0) return;
  throw new TinctError(
    "invalid_argument",
    `The size must be from ${min} to ${max} pixels and a multiple of ${multiple}, which this model ` +
      `halves ${Math.log2(multiple)} times, not ${size}.`,
  );
}

/** Tensors beside the generator, such as an optimizer's, do no harm. */
function refuseOtherTensors(
  file: TensorFile,
  { prefix, root, config }: {
    readonly prefix: string;
    readonly root: string;
    readonly config: GeneratorConfig;
  },
): void {
  const expected = generatorParameters({ ...config, dropout: 0 })
    .map((spec) => ({ name: prefix + spec.name, shape: pytorchShape(spec) }));
  refuseForeign(file, expected.map(({ name }) => name));
  // PyTorch counts the batches that a batch norm has seen; no one needs that.
  const idle = new Set(idleTensors(config).map((name) => prefix + name));
  const found = file.tensors.filter(({ name }) =>
    name.startsWith(prefix + root) && !name.endsWith(".num_batches_tracked") && !idle.has(name)
  );
  const difference = compareTensorSpecs(expected, found, {
    settings: { width: "ngf", depth: config.generator === "unet" ? "nDown" : "generator" },
  });
  if (difference === undefined) return;
  throw new TinctError(
    "failed_precondition",
    `${file.path} is of another configuration: ${difference}.`,
  );
}
