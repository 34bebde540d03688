import tf from "@tensorflow/tfjs";
import { readFloats } from "../checkpoints/tensor_values.ts";
import type { Engine } from "../engine/engine.ts";
import { pytorchShape } from "../model/parameters.ts";
import { fromPytorchLayout } from "../model/pytorch_layout.ts";
import { Colorizer } from "./colorizer.ts";
import { FrozenGenerator } from "./frozen_generator.ts";
import type { Precision } from "./frozen_layer.ts";
import { GeneratorNetwork } from "./generator_network.ts";
import { openGenerator, type OpenGeneratorOptions } from "./open_generator.ts";

/** Which model is loaded, and how it runs. */
export interface LoadColorizerOptions extends OpenGeneratorOptions {
  /** Arithmetic of convolutions; the engine's when left out. */
  readonly precision?: Precision | undefined;
}

/**
 * Loads a model for colorizing.
 *
 * @param path a run, a checkpoint folder, or a file (safetensors or of `torch.save`) with the tensors
 *   of the common PyTorch implementation, of fastai's U-Net of a ResNet or of DDColor-T, whose shapes
 *   tell how the network is made.
 * @returns the colorizer; the caller disposes of it.
 * @throws {TinctError} what `loadGenerator` throws; failed_precondition when the file is of another
 *   configuration or no generator; invalid_argument when the size is none that it can halve.
 */
export async function loadColorizer(
  engine: Engine,
  path: string,
  { precision, ...options }: LoadColorizerOptions = {},
): Promise<Colorizer> {
  const { signal } = options;
  await using opened = await openGenerator(path, options);
  const { file, prefix, config, info } = opened;
  const generator = await FrozenGenerator.load(engine, config, async (spec) => {
    const values = await readFloats(file, prefix + spec.name, signal);
    return tf.tidy(() => fromPytorchLayout(tf.tensor(values, pytorchShape(spec)), spec));
  }, { precision, signal });
  return new Colorizer(engine, new GeneratorNetwork(engine, generator), {
    path: info?.path ?? file.path,
    step: info?.step,
    weights: opened.weights,
  });
}
