import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { drawPoints } from "../augmentation/hint_draws.ts";
import { abScale, labOfBytes, scaleLab } from "../color/lab.ts";
import type { TrainingConfig } from "../config/training.ts";
import { CompiledFunction } from "../engine/compile.ts";
import { withoutHints } from "../model/hints.ts";
import type { ColorPredictor } from "../validation/evaluator.ts";
import type { Gan } from "./gan.ts";

/** The generator in evaluation mode, as it is in training. Owns the compiled function alone. */
export class GanColors implements ColorPredictor, Disposable {
  readonly #function: CompiledFunction;

  constructor(gan: Gan, precision: TrainingConfig["precision"]) {
    this.#function = new CompiledFunction(
      gan.engine,
      (pixels) => {
        const { L } = scaleLab(labOfBytes(pixels!));
        const input = gan.config.hints ? withoutHints(L) : L;
        return [gan.architecture.forward(input, gan.shown.evaluation())];
      },
      { name: "predict_colors", precision },
    );
  }

  async predictColors(pixels: Tensor): Promise<Tensor> {
    const [ab] = await this.#function.call(pixels);
    return ab!;
  }

  [Symbol.dispose](): void {
    this.#function[Symbol.dispose]();
  }
}

/** Hints that a generator is validated with, each number by itself, as iColoriT's tables have them. */
export const validatedHints = [1, 10, 100] as const;

/**
 * The generator in evaluation mode, given hints of the photos' own colours: the same places at every
 * validation. Owns the compiled function alone.
 */
export class HintedColors implements ColorPredictor, Disposable {
  readonly #engine: Gan["engine"];
  readonly #function: CompiledFunction;
  #distance = 0;
  #calls = 0;

  /** @param count hints a photo. */
  constructor(gan: Gan, precision: TrainingConfig["precision"], count: number) {
    this.#engine = gan.engine;
    this.#function = new CompiledFunction(gan.engine, (pixels) => {
      const { L, ab } = scaleLab(labOfBytes(pixels!));
      const hints = drawPoints(ab, tf.tensor1d([0, count], "int32"), count);
      const made = gan.architecture.forward(tf.concat([L, hints], 3), gan.shown.evaluation());
      return [made, hintDistance(made, hints)];
    }, { name: "predict_hinted_colors", precision });
  }

  /** How far its colours were from the hints where they were given, in units of L*a*b*; since the last call. */
  takeDistance(): number {
    const mean = this.#distance / this.#calls;
    [this.#distance, this.#calls] = [0, 0];
    return mean;
  }

  async predictColors(pixels: Tensor): Promise<Tensor> {
    const [ab, distance] = await this.#function.call(pixels);
    try {
      const [value = NaN] = await this.#engine.read(distance!);
      this.#distance += value;
      this.#calls++;
      return ab!;
    } catch (error) {
      ab?.dispose();
      throw error;
    } finally {
      distance?.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.#function[Symbol.dispose]();
  }
}

/** The mean distance of ab from hints at their pixels, in units of L*a*b*. */
function hintDistance(made: Tensor, hints: Tensor): Tensor {
  const [ab, mask] = tf.split(hints, [2, 1], 3) as [Tensor, Tensor];
  const far = tf.sqrt(tf.sum(tf.square(tf.sub(made, ab)), 3, true));
  return tf.mul(tf.div(tf.sum(tf.mul(far, mask)), tf.sum(mask)), abScale);
}
