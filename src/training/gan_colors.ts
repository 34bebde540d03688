import type { Tensor } from "@tensorflow/tfjs";
import { labOfBytes, scaleLab } from "../color/lab.ts";
import type { TrainingConfig } from "../config/training.ts";
import { CompiledFunction } from "../engine/compile.ts";
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
        return [gan.architecture.forward(L, gan.shown.evaluation())];
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
