import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { TrainingConfig } from "../config/training.ts";
import { adamRates } from "../engine/adam.ts";
import type { Collectives } from "../engine/collectives.ts";
import { CompiledFunction } from "../engine/compile.ts";
import { augment, type AugmentationConfig } from "./augmentation/augment.ts";
import { averageLossesAndStatistics } from "./averaging.ts";
import { emaShare } from "./ema.ts";
import type { Gan } from "./gan.ts";
import type { Rates } from "./learning_rates.ts";
import { type LossName, lossNames, stackLosses, trainStep } from "./step.ts";

/** The losses of one step, by the field's names. */
export type Losses = Readonly<Record<LossName, number>>;

/** What of a run's configuration decides how a step is computed. */
export type StepConfig =
  & AugmentationConfig
  & Pick<
    TrainingConfig,
    | "size"
    | "beta1"
    | "beta2"
    | "adamEpsilon"
    | "seed"
    | "precision"
    | "xla"
  >;

/** Sets the draws of replicas apart: more than there are streams of draws in a step. */
const replicaStream = 2 ** 16;

/**
 * A whole training step, from bytes to moved weights, as one TensorFlow function: L*a*b*,
 * augmentation, both networks forward and backward, both optimizers. It depends on nothing but the
 * weights, the photos, the seed and the number of the step. Owns the function, not the networks.
 */
export class CompiledStep implements Disposable {
  readonly #gan: Gan;
  readonly #config: StepConfig;
  readonly #collectives: Collectives | undefined;
  readonly #function: CompiledFunction;

  /** @param collectives with the replicas that take the same steps; it stays the caller's. */
  constructor(gan: Gan, config: StepConfig, collectives?: Collectives) {
    this.#gan = gan;
    this.#config = config;
    this.#collectives = collectives;
    this.#function = new CompiledFunction(
      gan.engine,
      (pixels, rates, seed) => [this.#trace(pixels!, rates!, seed!)],
      { name: "train_step", precision: config.precision, xla: config.xla },
    );
  }

  /**
   * Trains one step.
   *
   * @param pixels sRGB bytes, [B, size, size, 3]; copied before this returns its promise.
   * @param step counted from 1.
   * @param rates of this step.
   * @returns the losses, on which the caller has to check that they are finite.
   */
  async run(pixels: Uint8Array, step: number, rates: Rates): Promise<Losses> {
    const { engine } = this.#gan;
    const inputs = this.#inputs(pixels, step, rates);
    const results: Tensor[] = [];
    try {
      results.push(...await this.#function.call(...inputs));
      const values = await engine.read(results[0]!);
      return Object.fromEntries(lossNames.map((name, i) => [name, values[i]])) as Losses;
    } finally {
      tf.dispose([...inputs, ...results]);
    }
  }

  /** Traces for batches of this many photos, unless that has been done; `run` does it too. */
  prepare(batchSize: number): void {
    const { size } = this.#config;
    const pixels = new Uint8Array(batchSize * size * size * 3);
    const inputs = this.#inputs(pixels, 1, { lrG: 0, lrD: 0 });
    this.#function.prepare(...inputs);
    tf.dispose(inputs);
  }

  /** Nodes of the traced graph. */
  get nodeCount(): number {
    return this.#function.nodeCount;
  }

  [Symbol.dispose](): void {
    this.#function[Symbol.dispose]();
  }

  #inputs(pixels: Uint8Array, step: number, { lrG, lrD }: Rates): Tensor[] {
    const { size, beta1, beta2, adamEpsilon: epsilon, seed } = this.#config;
    const batch = pixels.length / (size * size * 3);
    const stream = (this.#collectives?.rank ?? 0) * replicaStream;
    return [
      this.#gan.engine.uint8Tensor(pixels, [batch, size, size, 3]),
      tf.tensor1d([
        ...adamRates(lrG, step, { beta1, beta2, epsilon }),
        ...adamRates(lrD, step, { beta1, beta2, epsilon }),
        emaShare(this.#gan.config.emaDecay, step),
      ]),
      tf.tensor1d([(seed + stream) | 0, step], "int32"),
    ];
  }

  #trace(pixels: Tensor, rates: Tensor, seed: Tensor): Tensor {
    const { L, ab } = augment(pixels, seed, this.#config);
    const collectives = this.#collectives;
    const losses = stackLosses(trainStep(this.#gan, { L, ab, rates, seed, collectives }));
    const { generator, discriminator, ema } = this.#gan;
    const averaged = collectives === undefined
      ? losses
      : averageLossesAndStatistics(collectives, losses, [generator, discriminator]);
    ema?.follow(tf.reshape(tf.slice(rates, [4], [1]), [])); // last: statistics are averaged, too
    return averaged;
  }
}
