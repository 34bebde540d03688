import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { valuesOfBytes } from "../color/grays.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { floatToBytes } from "../engine/kernels/bytes.ts";
import type { ColorNetwork } from "../inference/color_network.ts";

/**
 * A network for squares of another size than its own: pixels are brought to its size and colours back,
 * bilinearly. So networks of different sizes can be measured on the same squares. Owns the network.
 */
export class ResizedNetwork implements ColorNetwork {
  readonly size: number;
  readonly #network: ColorNetwork;
  readonly #toNetwork: CompiledFunction;
  readonly #back: CompiledFunction;

  /** @param size side of the squares that are given, pixels. */
  constructor(engine: Engine, network: ColorNetwork, size: number) {
    this.size = size;
    this.#network = network;
    const resized = (tensor: Tensor, side: number) =>
      tf.image.resizeBilinear(tensor as Tensor4D, [side, side], false, true);
    this.#toNetwork = new CompiledFunction(
      engine,
      (pixels) => [floatToBytes(resized(tf.mul(valuesOfBytes(pixels!), 255), network.size))],
      { name: "to_network", precision: "float32" },
    );
    this.#back = new CompiledFunction(engine, (ab) => [resized(ab!, size)], {
      name: "from_network",
      precision: "float32",
    });
  }

  /** Hints are drawn for the network's own squares. */
  get takesHints(): boolean {
    return false;
  }

  async predict(pixels: Tensor): Promise<Tensor> {
    const held: Tensor[] = [];
    try {
      held.push(...await this.#toNetwork.call(pixels));
      held.push(await this.#network.predict(held[0]!));
      return (await this.#back.call(held[1]!))[0]!;
    } finally {
      tf.dispose(held);
    }
  }

  [Symbol.dispose](): void {
    this.#toNetwork[Symbol.dispose]();
    this.#back[Symbol.dispose]();
    this.#network[Symbol.dispose]();
  }
}
