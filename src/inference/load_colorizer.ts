import { join } from "node:path";
import tf from "@tensorflow/tfjs";
import type { CheckpointInfo } from "../checkpoints/checkpoint_folder.ts";
import { MANIFEST_NAME } from "../checkpoints/checkpoint_manifest.ts";
import type { GeneratorWeights } from "../checkpoints/generator_weights.ts";
import { JsonFields } from "../files/json_fields.ts";
import { type LoadedGenerator, loadGenerator } from "../checkpoints/load_generator.ts";
import { surveyCheckpoints, type WarningListener } from "../checkpoints/run_folder.ts";
import { refuseForeign, type TensorFile } from "../checkpoints/tensor_file.ts";
import { compareTensorSpecs } from "../checkpoints/tensor_specs.ts";
import { parseTrainingConfig, type TrainingConfig, trainingOptions } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { generatorArchitecture } from "../model/generators.ts";
import { fromPytorchLayout, pytorchShape } from "../model/pytorch_layout.ts";
import { Colorizer } from "./colorizer.ts";
import { FrozenGenerator } from "./frozen_generator.ts";
import type { Precision } from "./frozen_layer.ts";
import type { GeneratorConfig } from "./frozen_network.ts";
import { GeneratorNetwork } from "./generator_network.ts";
import { recognizeGenerator } from "./recognize_generator.ts";
import { readFloats } from "../checkpoints/tensor_values.ts";

/** Which model is loaded, and how it runs. */
export interface LoadColorizerOptions {
  /** Of a run: the newest checkpoint (when left out), the best by its metric, or that of a step. */
  readonly checkpoint?: "latest" | "best" | number | undefined;
  /** Which weights of a checkpoint; the moving average where it has one, when left out. */
  readonly weights?: GeneratorWeights | undefined;
  /** Side of the squares that the generator sees, pixels; what it was trained with when left out. */
  readonly size?: number | undefined;
  /** Arithmetic of convolutions; the engine's when left out. */
  readonly precision?: Precision | undefined;
  /** Is told of each damaged checkpoint that is passed over; see LoadGeneratorOptions. */
  readonly onWarning?: WarningListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a model for colorizing.
 *
 * @param path a run, a checkpoint folder, or a file (safetensors or of `torch.save`) with the tensors
 *   of the common PyTorch implementation or of fastai's U-Net of a ResNet, whose shapes tell how the network is made.
 * @returns the colorizer; the caller disposes of it.
 * @throws {TinctError} what `loadGenerator` throws; failed_precondition when the file is of another
 *   configuration or no generator; invalid_argument when the size is none that it can halve.
 */
export async function loadColorizer(
  engine: Engine,
  path: string,
  { checkpoint = "latest", weights, size, precision, onWarning, signal }: LoadColorizerOptions = {},
): Promise<Colorizer> {
  await using loaded = await openGenerator(path, { checkpoint, weights, onWarning, signal });
  const { file, info } = loaded;
  const { prefix, root, config: trained } = info === undefined
    ? recognizeGenerator(file)
    : { prefix: "", root: "", config: trainedConfig(info) };
  const config = { ...trained, size: size ?? trained.size };
  refuseSize(config);
  refuseOtherTensors(file, { prefix, root, config });
  const generator = await FrozenGenerator.load(engine, config, async (spec) => {
    const values = await readFloats(file, prefix + spec.name, signal);
    return tf.tidy(() => fromPytorchLayout(tf.tensor(values, pytorchShape(spec)), spec));
  }, { precision, signal });
  return new Colorizer(engine, new GeneratorNetwork(engine, generator), {
    path: info?.path ?? file.path,
    step: info?.step,
    weights: loaded.weights,
  });
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
  await using loaded = await openGenerator(path, options);
  return loaded.info && configOf(loaded.info);
}

/** Which generator is opened. */
type GeneratorChoice = Pick<
  LoadColorizerOptions,
  "checkpoint" | "weights" | "onWarning" | "signal"
>;

async function openGenerator(
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
function trainedConfig(info: CheckpointInfo): GeneratorConfig {
  const { generator, decoderNorm, hints, nDown, ngf, leakySlope, batchNormEpsilon, size } =
    configOf(info);
  return { generator, decoderNorm, hints, nDown, ngf, leakySlope, batchNormEpsilon, size };
}

function configOf({ path, state }: CheckpointInfo): TrainingConfig {
  const fields = new JsonFields(state, join(path, MANIFEST_NAME), "state.");
  return parseTrainingConfig(fields.object("config").value);
}

function refuseSize(config: GeneratorConfig): void {
  const { size, generator, nDown } = config;
  const { multiple } = generatorArchitecture({ ...config, dropout: 0 });
  const { min, max } = trainingOptions.size;
  if (Number.isInteger(size) && size >= min && size <= max && size % multiple === 0) return;
  throw new TinctError(
    "invalid_argument",
    `The size must be from ${min} to ${max} pixels and a multiple of ${multiple}, which this model ` +
      `halves ${generator === "unet" ? nDown : 5} times, not ${size}.`,
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
  const expected = generatorArchitecture({ ...config, dropout: 0 }).parameters
    .map((spec) => ({ name: prefix + spec.name, shape: pytorchShape(spec) }));
  refuseForeign(file, expected.map(({ name }) => name));
  // PyTorch counts the batches that a batch norm has seen; no one needs that.
  const found = file.tensors.filter(({ name }) =>
    name.startsWith(prefix + root) && !name.endsWith(".num_batches_tracked")
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
