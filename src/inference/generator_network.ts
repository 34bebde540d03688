import type { Tensor } from "@tensorflow/tfjs";
import { lightnessOfBytes } from "../color/recolor.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import type { ColorNetwork } from "./color_network.ts";
import type { FrozenGenerator } from "./frozen_generator.ts";

/** A generator of ours as a network that gives photos colours: it sees their lightness. */
export class GeneratorNetwork implements ColorNetwork {
  readonly #generator: FrozenGenerator;
  readonly #lightness: CompiledFunction;

  /** @param generator is owned from now on. */
  constructor(engine: Engine, generator: FrozenGenerator) {
    this.#generator = generator;
    this.#lightness = new CompiledFunction(engine, (pixels) => [lightnessOfBytes(pixels!)], {
      name: "lightness",
      precision: "float32",
    });
  }

  get size(): number {
    return this.#generator.config.size;
  }

  get takesHints(): boolean {
    return this.#generator.config.hints;
  }

  async predict(pixels: Tensor, hints?: Tensor): Promise<Tensor> {
    const [L] = await this.#lightness.call(pixels);
    try {
      return await this.#generator.predict(L!, hints);
    } finally {
      L?.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.#lightness[Symbol.dispose]();
    this.#generator[Symbol.dispose]();
  }
}
