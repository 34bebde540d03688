import { discriminatorNorm } from "../config/losses.ts";
import type { TrainingConfig } from "../config/training.ts";
import { Adam } from "../engine/adam.ts";
import type { Engine } from "../engine/engine.ts";
import { type GeneratorArchitecture, generatorArchitecture } from "../model/generators.ts";
import { initialValue } from "../model/initializers.ts";
import { Network } from "../model/network.ts";
import { type PatchganConfig, patchganParameters } from "../model/patchgan.ts";
import { GeneratorEma } from "./ema.ts";
import { HistoryPool } from "./history_pool.ts";
import { PerceptualNetwork, perceptualNetworkOf, seesByEncoder } from "./perceptual.ts";

/** What the networks are made of, out of a run's configuration. */
type GanConfig = Pick<
  TrainingConfig,
  | "size"
  | "generator"
  | "decoderNorm"
  | "encoderNorm"
  | "hints"
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
  | "normD"
  | "judge"
  | "targetSaturation"
  | "ganMode"
  | "gpWeight"
  | "lambdaL1"
  | "lambdaColor"
  | "lambdaPerceptual"
  | "perceptual"
  | "lambdaHint"
  | "labelReal"
  | "labelFake"
  | "poolSize"
  | "clipNorm"
  | "emaDecay"
  | "emaUse"
>;

/**
 * The whole state of training on the device: both networks, both optimizers, and where they are asked
 * for the pool of generated pictures and the moving average of the generator. Owns them.
 */
export class Gan implements Disposable {
  readonly engine: Engine;
  readonly config: GanConfig;
  /** How the generator is made, and runs forward. */
  readonly architecture: GeneratorArchitecture;
  readonly generator: Network;
  readonly discriminator: Network;
  /** The discriminator's shape. */
  readonly patchgan: PatchganConfig;
  readonly adamG: Adam;
  readonly adamD: Adam;
  /** Undefined where `poolSize` is 0. */
  readonly pool: HistoryPool | undefined;
  /** Undefined where emaDecay is 0. */
  readonly ema: GeneratorEma | undefined;
  /** What the perceptual loss sees with. */
  readonly perceptual: PerceptualNetwork | undefined;
  /**
   * The copy of the generator's encoder, as it was at the beginning, that the perceptual loss sees
   * with where `perceptual` is encoder: 0 until a checkpoint or a file has filled it.
   */
  readonly frozenEncoder: PerceptualNetwork | undefined;

  /**
   * Draws fresh weights on the device, by the configuration's seed.
   *
   * @param perceptual the VGG16 of the perceptual loss, where steps are trained that have one; stays
   *   its owner's.
   */
  constructor(engine: Engine, config: GanConfig, perceptual?: PerceptualNetwork) {
    this.frozenEncoder = seesByEncoder(config)
      ? PerceptualNetwork.blank(engine, perceptualNetworkOf(config)!)
      : undefined;
    this.perceptual = perceptual ?? this.frozenEncoder;
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
    this.architecture = generatorArchitecture(config);
    this.generator = network(this.architecture.parameters, 0);
    const { ndf, nLayers, leakySlope, batchNormEpsilon: normEpsilon } = config;
    this.patchgan = { ndf, nLayers, leakySlope, norm: discriminatorNorm(config), normEpsilon };
    this.discriminator = network(patchganParameters(this.patchgan), 1_000_000);
    const adam = { beta1: config.beta1, beta2: config.beta2, epsilon: config.adamEpsilon };
    this.adamG = new Adam(engine, this.generator.trainable(), adam);
    this.adamD = new Adam(engine, this.discriminator.trainable(), adam);
    this.pool = config.poolSize > 0 ? new HistoryPool(engine, config) : undefined;
    this.ema = config.emaDecay > 0
      ? new GeneratorEma(engine, this.generator, batchNorm)
      : undefined;
  }

  /** The generator that validations and samples show. */
  get shown(): Network {
    return this.config.emaUse === "ema" && this.ema ? this.ema.network : this.generator;
  }

  [Symbol.dispose](): void {
    const { adamG, adamD, generator, discriminator, pool, ema, frozenEncoder } = this;
    for (const part of [frozenEncoder, ema, pool, adamG, adamD, generator, discriminator]) {
      part?.[Symbol.dispose]();
    }
  }
}
