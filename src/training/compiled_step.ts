import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { TrainingConfig } from "../config/training.ts";
import type { Collectives } from "../engine/collectives.ts";
import { CompiledFunction } from "../engine/compile.ts";
import { augment, type AugmentationConfig } from "../augmentation/augment.ts";
import { drawHints } from "../augmentation/hint_draws.ts";
import { averageLossesAndStatistics } from "./averaging.ts";
import { type EncoderPlan, encoderPlan, type EncoderPlanConfig } from "./encoder_plan.ts";
import type { Gan } from "./gan.ts";
import type { Rates } from "./learning_rates.ts";
import { GradientSums, moveWeights } from "./learning.ts";
import { type LossName, lossNames, stackLosses, trainStep } from "./step.ts";
import { type StepPart, stepParts, stepPlan } from "./step_plan.ts";
import { rateIndex, stepRates } from "./step_rates.ts";

/**
 * The losses of one step, by the field's names: those of the networks that learned in it. What was not
 * computed is absent.
 */
export type Losses = Readonly<Partial<Record<LossName, number>>>;

/** What of a run's configuration decides how a step is computed. */
type StepConfig =
  & AugmentationConfig
  & EncoderPlanConfig
  & Pick<
    TrainingConfig,
    | "size"
    | "beta1"
    | "beta2"
    | "adamEpsilon"
    | "emaDecay"
    | "seed"
    | "precision"
    | "xla"
    | "accumulate"
    | "hints"
  >;

/** Sets the draws of replicas apart: more than there are streams of draws in a step. */
const replicaStream = 2 ** 16;

/** A part of a step, and whether the generator's encoder learns in it. */
type Part = StepPart & Pick<EncoderPlan, "encoderLearns">;

/** One way of running a batch, compiled, and the losses that it gives. */
interface CompiledPart extends Disposable {
  readonly function: CompiledFunction;
  names: readonly LossName[];
}

/**
 * A whole training step, from bytes to moved weights: L*a*b*, augmentation, both networks forward and
 * backward, both optimizers. Where every step does the same on one batch, it is one TensorFlow
 * function; else there is a function for each thing that a step or a part of it may do (`stepParts`),
 * traced when it is first needed. It depends on nothing but the weights, the pool, the photos, the
 * seed and the number of the step. Owns the functions, not the networks.
 */
export class CompiledStep implements Disposable {
  readonly #gan: Gan;
  readonly #config: StepConfig;
  readonly #collectives: Collectives | undefined;
  readonly #parts = new Map<string, CompiledPart>();
  readonly #sums: GradientSums | undefined;

  /** @param collectives with the replicas that take the same steps; it stays the caller's. */
  constructor(gan: Gan, config: StepConfig, collectives?: Collectives) {
    this.#gan = gan;
    this.#config = config;
    this.#collectives = collectives;
    const networks = [gan.generator, gan.discriminator];
    this.#sums = config.accumulate > 1
      ? new GradientSums(gan.engine, networks, config.accumulate)
      : undefined;
  }

  /**
   * Trains one step.
   *
   * @param pixels sRGB bytes, [B, size, size, 3], B the photos of all `accumulate` batches; copied
   *   before this returns its promise where that is 1, else to be left alone until it is settled.
   * @param step counted from 1.
   * @param rates of this step.
   * @returns the losses, means over the batches, on which the caller has to check that they are
   *   finite.
   */
  async run(pixels: Uint8Array, step: number, rates: Rates): Promise<Losses> {
    const values = new Map<LossName, number[]>();
    for (const part of this.#partsOf(step)) {
      for (
        const [name, value] of await this.#runPart(part, this.#inputs(part, pixels, step, rates))
      ) {
        const known = values.get(name);
        if (known === undefined) values.set(name, [value]);
        else known.push(value);
      }
    }
    const named = lossNames.flatMap((name) => {
      const of = values.get(name);
      return of === undefined ? [] : [[name, of.reduce((sum, value) => sum + value) / of.length]];
    });
    return Object.fromEntries(named) as Losses;
  }

  /**
   * Traces what a step will run, unless that has been done; `run` does it too.
   *
   * @param photos of a step, all batches together.
   */
  prepare(photos: number, step = 1): void {
    const { size } = this.#config;
    const pixels = new Uint8Array(photos * size * size * 3);
    for (const part of this.#partsOf(step)) {
      const inputs = this.#inputs(part, pixels, step, { lrG: 0, lrD: 0 });
      this.#compiled(part).function.prepare(...inputs);
      tf.dispose(inputs);
    }
  }

  /** Nodes of all traced graphs. */
  get nodeCount(): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + part.function.nodeCount, 0);
  }

  [Symbol.dispose](): void {
    for (const part of this.#parts.values()) part[Symbol.dispose]();
    this.#sums?.[Symbol.dispose]();
  }

  #partsOf(step: number): Part[] {
    const { encoderLearns } = encoderPlan(step, this.#config);
    return stepParts(stepPlan(step, this.#config), this.#config.accumulate)
      .map((part) => ({ ...part, encoderLearns }));
  }

  /** Runs one part, and disposes of its inputs. */
  async #runPart(part: Part, inputs: Tensor[]): Promise<[LossName, number][]> {
    const { engine } = this.#gan;
    const results: Tensor[] = [];
    try {
      const compiled = this.#compiled(part);
      results.push(...await compiled.function.call(...inputs));
      const values = await engine.read(results[0]!);
      return compiled.names.map((name, i) => [name, values[i] ?? NaN]);
    } finally {
      tf.dispose([...inputs, ...results]);
    }
  }

  #compiled(part: Part): CompiledPart {
    const { discriminator, generator, learning, still, encoderLearns } = part;
    const key = [discriminator, generator, learning, still, encoderLearns].join();
    let compiled = this.#parts.get(key);
    if (compiled === undefined) {
      const { precision, xla } = this.#config;
      const traced: CompiledPart = {
        function: new CompiledFunction(this.#gan.engine, (pixels, rates, seed) => {
          const { names, losses } = this.#trace(part, pixels!, rates!, seed!);
          traced.names = names;
          return [losses];
        }, { name: "train_step", precision, xla }),
        names: [],
        [Symbol.dispose]: () => traced.function[Symbol.dispose](),
      };
      compiled = traced;
      this.#parts.set(key, compiled);
    }
    return compiled;
  }

  #inputs(
    { batch }: StepPart,
    pixels: Uint8Array,
    step: number,
    rates: Rates,
  ): Tensor[] {
    const { size, seed, accumulate } = this.#config;
    const bytes = pixels.length / accumulate;
    const photos = bytes / (size * size * 3);
    const stream = (this.#collectives?.rank ?? 0) * replicaStream;
    return [
      this.#gan.engine.uint8Tensor(
        pixels.subarray(batch * bytes, (batch + 1) * bytes),
        [photos, size, size, 3],
      ),
      stepRates(step, rates, this.#config),
      tf.tensor1d([(seed + stream) | 0, (step - 1) * accumulate + batch + 1], "int32"),
    ];
  }

  #trace(part: Part, pixels: Tensor, rates: Tensor, seed: Tensor) {
    const { L, ab } = augment(pixels, seed, this.#config);
    const { learning } = part;
    const collectives = this.#collectives;
    const hints = this.#config.hints ? drawHints(ab, seed) : undefined;
    const made = trainStep(this.#gan, { L, ab, hints, rates, seed, collectives }, {
      ...part,
      learn: (gradients) => {
        if (learning === "move") moveWeights(gradients);
        else this.#sums?.learn(gradients, learning);
      },
    });
    const { names, losses } = stackLosses(made);
    const { generator, discriminator, ema } = this.#gan;
    const averaged = collectives === undefined
      ? losses
      : averageLossesAndStatistics(collectives, losses, [generator, discriminator]);
    if (part.generator !== "none" && learning !== "sum") {
      // Last: statistics are averaged, too.
      ema?.follow(tf.reshape(tf.slice(rates, [rateIndex.ema], [1]), []));
    }
    return { names, losses: averaged };
  }
}
