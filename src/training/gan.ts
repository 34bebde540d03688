import type { TrainingConfig } from "../config/training.ts";
import { Adam } from "../engine/adam.ts";
import type { Engine } from "../engine/engine.ts";
import { initialValue } from "../model/initializers.ts";
import { Network } from "../model/network.ts";
import { patchganParameters } from "../model/patchgan.ts";
import { unetParameters } from "../model/unet.ts";
import { GeneratorEma } from "./ema.ts";

/** What the networks are made of, out of a run's configuration. */
export type GanConfig = Pick<
  TrainingConfig,
  | "nDown"
  | "ngf"
  | "dropout"
  | "ndf"
  | "nLayers"
  | "leakySlope"
  | "init"
  | "initGain"
  | "seed"
  | "beta1"
  | "beta2"
  | "adamEpsilon"
  | "batchNormEpsilon"
  | "batchNormMomentum"
  | "ganMode"
  | "lambdaL1"
  | "labelReal"
  | "labelFake"
  | "clipNorm"
  | "emaDecay"
  | "emaUse"
>;

/**
 * The whole state of training on the device: both networks, both optimizers, and where it is asked for
 * the moving average of the generator. Owns them.
 */
export class Gan implements Disposable {
  readonly engine: Engine;
  readonly config: GanConfig;
  readonly generator: Network;
  readonly discriminator: Network;
  readonly adamG: Adam;
  readonly adamD: Adam;
  /** Undefined where emaDecay is 0. */
  readonly ema: GeneratorEma | undefined;

  /** Draws fresh weights on the device, by the configuration's seed. */
  constructor(engine: Engine, config: GanConfig) {
    this.engine = engine;
    this.config = config;
    const { init, initGain: gain, seed } = config;
    const batchNorm = { epsilon: config.batchNormEpsilon, momentum: config.batchNormMomentum };
    const network = (specs: Network["specs"], first: number) =>
      new Network(
        engine,
        specs,
        (spec, index) => initialValue(spec, { init, gain, seed: [seed, first + index] }),
        batchNorm,
      );
    this.generator = network(unetParameters(config), 0);
    this.discriminator = network(patchganParameters(config), 1_000_000);
    const adam = { beta1: config.beta1, beta2: config.beta2, epsilon: config.adamEpsilon };
    this.adamG = new Adam(engine, this.generator.trainable(), adam);
    this.adamD = new Adam(engine, this.discriminator.trainable(), adam);
    this.ema = config.emaDecay > 0
      ? new GeneratorEma(engine, this.generator, batchNorm)
      : undefined;
  }

  /** The generator that validations and samples show. */
  get shown(): Network {
    return this.config.emaUse === "ema" && this.ema ? this.ema.network : this.generator;
  }

  [Symbol.dispose](): void {
    for (const part of [this.ema, this.adamG, this.adamD, this.generator, this.discriminator]) {
      part?.[Symbol.dispose]();
    }
  }
}
