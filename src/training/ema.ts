import type { Tensor } from "@tensorflow/tfjs";
import type { Engine } from "../engine/engine.ts";
import { type BatchNormOptions, Network } from "../model/network.ts";
import { isSingularVector } from "../model/parameters.ts";

/**
 * How far the moving average goes towards the weights with an update of them: 1 - decay, where the
 * first updates have the decay min(decay, (1 + t) / (10 + t)), as TensorFlow's
 * ExponentialMovingAverage has it. So the average forgets the weights that it began with, drawn at
 * random, as fast as it can be taken, and is the plain one from t = (10 decay - 1) / (1 - decay) on.
 *
 * @param update t, counted from 1.
 */
export function emaShare(decay: number, update: number): number {
  return 1 - Math.min(decay, (1 + update) / (10 + update));
}

/**
 * The exponential moving average of a generator over its training (Karras et al., 2018, "Progressive
 * growing of GANs", section 5): the same network, with smoother weights. Owns its variables.
 *
 * The running statistics of batch norm are averaged with the weights. Copied, they would be those of
 * the last ten batches or so under weights that the average does not have; averaged, they are over
 * the same stretch as the weights that they are used with. Spectral norm's vectors are copied: a mean
 * of directions is shorter than they are.
 */
export class GeneratorEma implements Disposable {
  /** The average, to be run in evaluation mode. */
  readonly network: Network;
  readonly #generator: Network;

  /** Begins with the weights that the generator has. */
  constructor(engine: Engine, generator: Network, batchNorm: BatchNormOptions) {
    this.#generator = generator;
    const { specs } = generator;
    const current = ({ name }: { name: string }) => generator.variable(name).read();
    this.network = new Network(engine, specs, current, batchNorm);
  }

  /**
   * Follows the generator, in place on the device; for a compiled step, after the generator's update.
   *
   * @param share a scalar, see `emaShare`.
   */
  follow(share: Tensor): void {
    for (const { name, role } of this.network.specs) {
      const [average, current] = [this.network.variable(name), this.#generator.variable(name)];
      if (isSingularVector({ role })) average.assign(current.read());
      else average.moveTowards(current, share);
    }
  }

  /** Begins anew with the weights that the generator has now. */
  restart(): void {
    this.network.assign(({ name }) => this.#generator.variable(name).read());
  }

  [Symbol.dispose](): void {
    this.network[Symbol.dispose]();
  }
}
