import { readFile } from "node:fs/promises";
import { join } from "node:path";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { JsonFields } from "../files/json_fields.ts";
import { openSafetensors, type SafetensorsFile } from "../checkpoints/safetensors.ts";
import { readVggWeights } from "../checkpoints/vgg_weights.ts";
import { parseStrictJson } from "../files/strict_json.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { messageOf, TinctError } from "../errors.ts";
import type { Network } from "../model/network.ts";
import { isTrainable } from "../model/parameters.ts";
import { channelsFirst, fromPytorchLayout, toPytorchLayout } from "../model/pytorch_layout.ts";
import { encoderPlan } from "./encoder_plan.ts";
import { Gan } from "./gan.ts";
import { PerceptualNetwork } from "./perceptual.ts";
import { decodeParityConfig, type ParityConfig } from "./parity_config.ts";
import { type LossName, lossNames, trainStep, wholeStep } from "./step.ts";
import { stepRates } from "./step_rates.ts";

/** How far one quantity is from the reference. */
export interface ParityResult {
  /** Such as "fake" or "grad_G.model.model.0.weight". */
  readonly quantity: string;
  /** By its measure. */
  readonly difference: number;
  readonly tolerance: number;
  /** What `difference` counts. */
  readonly measure: "absolute" | "mean absolute" | "relative" | "relative L2";
}

/** The tolerances of the fixtures; the reference replayed in float64 is nearer by far. */
const tolerances = {
  picture: 1e-4,
  gradient: 1e-3,
  loss: 2e-4,
  evaluation: 1e-4,
  statistics: 1e-4,
  way: 2e-2,
};

/**
 * Replays a short training run of the reference and compares what it made on its way.
 *
 * @param folder a fixture: expected.json, {generator,discriminator}_{init,final}.safetensors,
 *   batches.safetensors, step1.safetensors, eval.safetensors, in PyTorch's names and layouts.
 * @throws TinctError `not_found` or `data_loss` where the folder is no such fixture.
 */
export async function replayParity(engine: Engine, folder: string): Promise<ParityResult[]> {
  const { config, losses: expectedLosses } = await readExpected(join(folder, "expected.json"));
  const seeing = join(folder, "perceptual.safetensors");
  using perceptual = config.lambdaPerceptual > 0 && config.perceptual === "vgg16"
    ? PerceptualNetwork.ofVgg(engine, await readVggWeights(seeing))
    : undefined;
  using gan = new Gan(engine, config, perceptual);
  if (gan.frozenEncoder !== undefined) await loadState(gan.frozenEncoder.network, seeing);
  await loadState(gan.generator, join(folder, "generator_init.safetensors"));
  await loadState(gan.discriminator, join(folder, "discriminator_init.safetensors"));
  await using batches = await openSafetensors(join(folder, "batches.safetensors"));
  const L = await readPictures(batches, "L");
  const ab = await readPictures(batches, "ab");
  // What the reference drew between real and generated pictures, [steps, batch].
  const mixes = config.ganMode === "wgangp" ? await readTensor(batches, "mix") : undefined;

  /** Of what a step gives, by whether the encoder learns in it. */
  const names = new Map<boolean, readonly string[]>();
  using steps = new DisposableStack();
  const compile = (encoderLearns: boolean) =>
    steps.use(
      new CompiledFunction(engine, (L, ab, rates, seed, mix) => {
        const inputs = { L: L!, ab: ab!, rates: rates!, seed: seed! };
        const work = { ...wholeStep, encoderLearns };
        const made = trainStep(gan, mix === undefined ? inputs : { ...inputs, mix }, work);
        names.set(encoderLearns, [...made.keys()]);
        return [...made.values()];
      }, { name: "parity_step" }),
    );
  const step = compile(true);
  const frozenStep = config.freezeEncoderSteps > 0 ? compile(false) : step;

  const results: ParityResult[] = [];
  let idle: ReadonlySet<string> = new Set();
  const lossDifferences = new Map<LossName, number>();
  for (const [index, expected] of expectedLosses.entries()) {
    const rates = stepRates(index + 1, config, config);
    const inputs = [batchOf(L, index), batchOf(ab, index), rates, tf.tensor1d([0, 0], "int32")];
    if (mixes !== undefined) inputs.push(mixOf(mixes, index));
    const { encoderLearns } = encoderPlan(index + 1, config);
    const tensors = await (encoderLearns ? step : frozenStep).call(...inputs);
    const made = new Map(names.get(encoderLearns)!.map((name, i) => [name, tensors[i]!]));
    for (const [name, wanted] of expected) {
      const [actual = NaN] = await engine.read(need(made, name));
      const difference = Math.abs(actual - wanted) / Math.abs(wanted);
      lossDifferences.set(name, Math.max(difference, lossDifferences.get(name) ?? 0));
    }
    if (index === 0) {
      const path = join(folder, "step1.safetensors");
      idle = await findIdle(path);
      results.push(...await compareFirstStep(engine, made, path, idle));
    }
    for (const tensor of [...tensors, ...inputs]) tensor.dispose();
  }
  for (const [quantity, difference] of lossDifferences) {
    results.push({ quantity, difference, tolerance: tolerances.loss, measure: "relative" });
  }
  results.push(
    ...await compareFinal(engine, gan.generator, [folder, "generator", "G"], idle),
    ...await compareFinal(engine, gan.discriminator, [folder, "discriminator", "D"], idle),
  );
  results.push(
    await compareEvaluation(engine, gan, batchOf(L, 0), join(folder, "eval.safetensors")),
  );
  tf.dispose([L, ab, ...(mixes === undefined ? [] : [mixes])]);
  return results;
}

/** Whether a result lies within its tolerance; NaN does not. */
export function isWithin({ difference, tolerance }: ParityResult): boolean {
  return difference <= tolerance;
}

interface Expected {
  readonly config: ParityConfig;
  /** Those of each step, by name. */
  readonly losses: readonly ReadonlyMap<LossName, number>[];
}

async function readExpected(path: string): Promise<Expected> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new TinctError(
      "not_found",
      `${path} cannot be read (${messageOf(cause)}): a parity fixture is a folder with ` +
        "expected.json and its safetensors files.",
      { cause },
    );
  }
  const fields = new JsonFields(parseStrictJson(text, { maxDepth: 8 }), path);
  const losses = fields.objects("losses").map((step) =>
    new Map(
      lossNames.filter((name) => step.has(name)).map((name) => [name, step.number(name)]),
    )
  );
  return { config: decodeParityConfig(fields.object("config")), losses };
}

/** Fills a network from a file of PyTorch's names and layouts. */
async function loadState(network: Network, path: string): Promise<void> {
  await using file = await openSafetensors(path);
  const values = new Map<string, Tensor>();
  for (const { name } of network.specs) values.set(name, await readTensor(file, name));
  network.assign((spec) => fromPytorchLayout(values.get(spec.name)!, spec));
  tf.dispose([...values.values()]);
}

async function readTensor(file: SafetensorsFile, name: string): Promise<Tensor> {
  const info = file.tensors.find((tensor) => tensor.name === name);
  if (info === undefined) throw new TinctError("data_loss", `${file.path} has no tensor ${name}.`);
  const bytes = await file.read(name);
  return tf.tensor(new Float32Array(bytes.slice().buffer), [...info.shape]);
}

/** [steps, batch, C, H, W] of a file as [steps, batch, H, W, C]. */
async function readPictures(file: SafetensorsFile, name: string): Promise<Tensor> {
  const pictures = await readTensor(file, name);
  const last = tf.transpose(pictures, [0, 1, 3, 4, 2]);
  pictures.dispose();
  return last;
}

/** [steps, batch] at one step as [batch, 1, 1, 1]. */
function mixOf(mixes: Tensor, step: number): Tensor {
  return tf.tidy(() => tf.reshape(tf.slice(mixes, step, 1), [-1, 1, 1, 1]));
}

function need(made: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = made.get(name);
  if (tensor === undefined) throw new TinctError("data_loss", `The step makes no ${name}.`);
  return tensor;
}

function batchOf(pictures: Tensor, step: number): Tensor {
  return tf.tidy(() => tf.squeeze(tf.slice(pictures, step, 1), [0]));
}

/**
 * The gradients that are nothing but rounding: those of a bias that a norm takes out again. Both
 * programs have them a million times smaller than others.
 */
async function findIdle(path: string): Promise<Set<string>> {
  await using file = await openSafetensors(path);
  const norms = new Map<string, number>();
  for (const { name } of file.tensors) {
    if (!name.startsWith("grad_")) continue;
    const gradient = await floats(file, name);
    norms.set(name, Math.sqrt(squaredDistance(gradient, new Float32Array(gradient.length))));
  }
  const largest = Math.max(...norms.values());
  return new Set([...norms].filter(([, norm]) => norm < 1e-6 * largest).map(([name]) => name));
}

async function compareFirstStep(
  engine: Engine,
  made: ReadonlyMap<string, Tensor>,
  path: string,
  idle: ReadonlySet<string>,
): Promise<ParityResult[]> {
  await using file = await openSafetensors(path);
  const results: ParityResult[] = [];
  for (const { name } of file.tensors) {
    const value = made.get(name);
    if (value === undefined) throw new TinctError("data_loss", `${path} has an unknown ${name}.`);
    const isGradient = name.startsWith("grad_") && !idle.has(name);
    const layout = name.startsWith("grad_") ? toPytorchLayout : channelsFirst;
    const expected = await floats(file, name);
    const actual = await readInto(engine, () => layout(value));
    results.push(
      isGradient
        ? {
          quantity: name,
          difference: relativeL2(actual, expected),
          tolerance: tolerances.gradient,
          measure: "relative L2",
        }
        : {
          quantity: name,
          difference: largest(actual, expected),
          tolerance: tolerances.picture,
          measure: "absolute",
        },
    );
  }
  return results;
}

/**
 * The state after the last step: running statistics, and how far and where the weights have come, all
 * tensors together. Adam moves a weight whose gradient is nothing but rounding as far as any other:
 * what `idle` names is left out.
 */
async function compareFinal(
  engine: Engine,
  network: Network,
  [folder, name, letter]: readonly [folder: string, name: string, letter: string],
  idle: ReadonlySet<string>,
): Promise<ParityResult[]> {
  await using first = await openSafetensors(join(folder, `${name}_init.safetensors`));
  await using last = await openSafetensors(join(folder, `${name}_final.safetensors`));
  const results: ParityResult[] = [];
  let [error, way] = [0, 0];
  for (const spec of network.specs) {
    const value = () => toPytorchLayout(network.variable(spec.name).read(), spec);
    const actual = await readInto(engine, value);
    const expected = await floats(last, spec.name);
    if (!isTrainable(spec)) {
      const difference = largest(actual, expected);
      const { statistics: tolerance } = tolerances;
      results.push({ quantity: spec.name, difference, tolerance, measure: "absolute" });
    } else if (!idle.has(`grad_${letter}.${spec.name}`)) {
      error += squaredDistance(actual, expected);
      way += squaredDistance(await floats(first, spec.name), expected);
    }
  }
  const difference = Math.sqrt(error / way);
  const { way: tolerance } = tolerances;
  return [
    ...results,
    { quantity: `weights_${letter}`, difference, tolerance, measure: "relative L2" },
  ];
}

async function compareEvaluation(
  engine: Engine,
  gan: Gan,
  L: Tensor,
  path: string,
): Promise<ParityResult> {
  await using file = await openSafetensors(path);
  const expected = await floats(file, "eval_fake");
  const actual = await readInto(
    engine,
    () => channelsFirst(gan.architecture.forward(L, gan.generator.evaluation())),
  );
  L.dispose();
  const sum = actual.reduce((total, value, i) => total + Math.abs(value - (expected[i] ?? NaN)), 0);
  return {
    quantity: "eval_fake",
    difference: sum / expected.length,
    tolerance: tolerances.evaluation,
    measure: "mean absolute",
  };
}

async function floats(file: SafetensorsFile, name: string): Promise<Float32Array> {
  return new Float32Array((await file.read(name)).slice().buffer);
}

async function readInto(engine: Engine, make: () => Tensor): Promise<Float32Array> {
  const tensor = tf.tidy(make);
  try {
    return await engine.read(tensor);
  } finally {
    tensor.dispose();
  }
}

function largest(actual: Float32Array, expected: Float32Array): number {
  return actual.reduce((max, value, i) => {
    const difference = Math.abs(value - (expected[i] ?? NaN));
    return difference > max || Number.isNaN(difference) ? difference : max;
  }, 0);
}

function relativeL2(actual: Float32Array, expected: Float32Array): number {
  const zeros = new Float32Array(expected.length);
  return Math.sqrt(squaredDistance(actual, expected) / squaredDistance(zeros, expected));
}

/** NaN where a number is missing. */
function squaredDistance(actual: Float32Array, expected: Float32Array): number {
  return expected.reduce((sum, value, i) => sum + ((actual[i] ?? NaN) - value) ** 2, 0);
}
