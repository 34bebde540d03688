import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { type UnetConfig, unetLevels, unetParameters } from "../model/unet.ts";
import { doublingLayer } from "./doubling_layer.ts";
import { type ConvolutionNames, readFolded } from "./folded_convolution.ts";
import type { FrozenLayer, Precision } from "./frozen_layer.ts";
import { halvingLayer } from "./halving_layer.ts";

/** What decides what a trained generator computes. */
export interface GeneratorConfig extends Omit<UnetConfig, "dropout"> {
  /** Side of the pictures it sees, pixels; a multiple of 2^nDown. */
  readonly size: number;
  readonly batchNormEpsilon: number;
}

/** Gives a generator's tensor, in the shape of its specification; it belongs to whoever asked. */
export type TensorReader = (spec: ParameterSpec) => Promise<Tensor>;

/** One level of the U-Net. */
interface Level {
  readonly down: FrozenLayer;
  readonly up: FrozenLayer;
}

/**
 * A generator in evaluation mode, made to be run often: batch norms are folded into the convolutions
 * before them, and the weights rest where and as they are read fastest. Owns all of it.
 */
export class FrozenGenerator implements Disposable {
  readonly config: GeneratorConfig;
  readonly #levels: readonly Level[];
  readonly #owned: DisposableStack;
  readonly #function: CompiledFunction;

  private constructor(
    engine: Engine,
    config: GeneratorConfig,
    levels: readonly Level[],
    { precision, owned }: { precision: Precision; owned: DisposableStack },
  ) {
    this.config = config;
    this.#levels = levels;
    this.#owned = owned;
    this.#function = owned.use(
      new CompiledFunction(engine, (L) => [this.#forward(L!)], { name: "generator", precision }),
    );
  }

  /**
   * Takes a generator's tensors in, one layer at a time.
   *
   * @param read gives each tensor once.
   * @throws what `read` throws; nothing is left behind then.
   */
  static async load(
    engine: Engine,
    config: GeneratorConfig,
    read: TensorReader,
    { precision = engine.context.options.precision, signal }: {
      readonly precision?: Precision | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<FrozenGenerator> {
    const shape = { ...config, dropout: 0 };
    const specs = new Map(unetParameters(shape).map((spec) => [spec.name, spec]));
    using owned = new DisposableStack();
    const fold = async (names: ConvolutionNames, outputAxis: 2 | 3) => {
      signal?.throwIfAborted();
      const epsilon = config.batchNormEpsilon;
      return await readFolded(names, (name) => read(specs.get(name)!), { epsilon, outputAxis });
    };
    const levels: Level[] = [];
    for (const [depth, { down, up }] of unetLevels(shape).entries()) {
      const side = config.size / 2 ** depth;
      levels.push({
        down: owned.use(halvingLayer(engine, await fold(down, 3), { side, precision })),
        up: owned.use(doublingLayer(engine, await fold(up, 2), { side: side / 2, precision })),
      });
    }
    return new FrozenGenerator(engine, config, levels, { precision, owned: owned.move() });
  }

  /**
   * Predicts colours, without blocking the event loop. A number of pictures that it has not met yet
   * is prepared for first.
   *
   * @param L [B, size, size, 1] in [-1, 1].
   * @returns ab, [B, size, size, 2] in [-1, 1]; the caller's own.
   */
  async predict(L: Tensor): Promise<Tensor4D> {
    const [ab] = await this.#function.call(L);
    return ab as Tensor4D;
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }

  /** @param L [B, size, size, 1]. */
  #forward(L: Tensor): Tensor {
    const skips: Tensor[] = [];
    let x = L;
    for (const [depth, { down }] of this.#levels.entries()) {
      const isInnermost = depth === this.#levels.length - 1;
      x = down.apply(x, (y) => isInnermost ? tf.relu(y) : tf.leakyRelu(y, this.config.leakySlope));
      skips.push(x);
    }
    for (const [depth, { up }] of [...this.#levels.entries()].reverse()) {
      x = up.apply(x, depth === 0 ? tf.tanh : tf.relu);
      // ReLU of a leaky ReLU is ReLU, and of two pictures side by side it is that of each.
      if (depth > 0) x = tf.concat([tf.relu(skips[depth - 1]!), x], 3);
    }
    return x;
  }
}
