import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { ddcolorShape } from "../model/ddcolor_layers.ts";
import { dynamicUnetConfig, generatorParameters } from "../model/generator_layers.ts";
import { withoutHints } from "../model/hints.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { readFolded, readNorm } from "./folded_convolution.ts";
import { freezeDdcolor } from "./frozen_ddcolor.ts";
import { freezeDynamicUnet } from "./frozen_dynamic_unet.ts";
import type { Precision } from "./frozen_layer.ts";
import type { FoldedReader, FrozenNetwork, GeneratorConfig } from "./frozen_network.ts";
import { freezeUnet } from "./frozen_unet.ts";

/** Gives a generator's tensor, in the shape of its specification; it belongs to the caller. */
type TensorReader = (spec: ParameterSpec) => Promise<Tensor>;

/**
 * A generator in evaluation mode, made to be run often: batch norms are folded into the convolutions
 * before them, and the weights rest where and as they are read fastest. Owns all of it.
 */
export class FrozenGenerator implements Disposable {
  readonly config: GeneratorConfig;
  readonly #owned: DisposableStack;
  readonly #function: CompiledFunction;

  private constructor(
    engine: Engine,
    config: GeneratorConfig,
    network: FrozenNetwork,
    precision: Precision,
  ) {
    this.config = config;
    this.#owned = new DisposableStack();
    this.#owned.use(network);
    this.#function = this.#owned.use(
      new CompiledFunction(engine, (L, hints) => {
        if (!config.hints) return [network.forward(L!)];
        return [network.forward(hints ? tf.concat([L!, hints], 3) : withoutHints(L!))];
      }, { name: "generator", precision }),
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
    const parameters = generatorParameters({ ...config, dropout: 0 });
    const specs = new Map(parameters.map((spec) => [spec.name, spec]));
    const epsilon = config.batchNormEpsilon;
    const readByName = (name: string) => {
      signal?.throwIfAborted();
      return read(specs.get(name)!);
    };
    const folded: FoldedReader = {
      convolution: (names, outputAxis) => readFolded(names, readByName, { epsilon, outputAxis }),
      norm: (prefix) => readNorm(prefix, readByName, epsilon),
      tensor: readByName,
    };
    const network = await freeze(engine, config, folded, precision);
    return new FrozenGenerator(engine, config, network, precision);
  }

  /**
   * Predicts colours, without blocking the event loop. A number of pictures that it has not met yet
   * is prepared for first.
   *
   * @param L [B, size, size, 1] in [-1, 1].
   * @param hints a and b over 110 and a mask, [B, size, size, 3]; only for one that takes them.
   * @returns ab over 110, [B, size, size, 2]; the caller's own.
   */
  async predict(L: Tensor, hints?: Tensor): Promise<Tensor4D> {
    const [ab] = await this.#function.call(...(hints === undefined ? [L] : [L, hints]));
    return ab as Tensor4D;
  }

  [Symbol.dispose](): void {
    this.#owned[Symbol.dispose]();
  }
}

/** Takes the tensors of a configuration's generator in. */
async function freeze(
  engine: Engine,
  config: GeneratorConfig,
  read: FoldedReader,
  precision: Precision,
): Promise<FrozenNetwork> {
  switch (config.generator) {
    case "unet":
      return await freezeUnet(engine, config, read, precision);
    case "ddcolor-tiny":
      return await freezeDdcolor(engine, ddcolorShape(config.ngf), read);
    case "resnet18":
    case "resnet34":
      return await freezeDynamicUnet(engine, dynamicUnetConfig(config), read);
  }
}
