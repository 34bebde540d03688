import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { parseTrainingConfig, type TrainingConfig } from "../../src/config/training.ts";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import type { TensorSource } from "../../src/checkpoints/safetensors.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { Network } from "../../src/model/network.ts";
import { type ParameterSpec, pytorchShape } from "../../src/model/parameters.ts";
import { toPytorchLayout } from "../../src/model/pytorch_layout.ts";

/** A configuration small enough for tests, whose U-Net has levels of every kind. */
export const smallConfig: TrainingConfig = parseTrainingConfig({ size: 32, nDown: 5, ngf: 16 });

/**
 * A generator as if it had been trained: no value is near 0 or 1 by itself, batch norms have seen
 * something, and ab comes out neither tiny nor saturated. The caller owns it.
 */
export function smallGenerator(engine: Engine, config = smallConfig, seed = 1): Network {
  const { batchNormEpsilon: epsilon, batchNormMomentum: momentum } = config;
  const draw = (spec: ParameterSpec, index: number) => drawValue(spec, 1000 * seed + index);
  return new Network(engine, generatorArchitecture(config).parameters, draw, { epsilon, momentum });
}

function drawValue({ role, shape: fixed }: ParameterSpec, seed: number): Tensor {
  const shape = [...fixed];
  switch (role) {
    case "convolution":
    case "transposedConvolution": {
      const inputs = shape[role === "convolution" ? 2 : 3] ?? 0;
      return tf.randomNormal(shape, 0, 1 / Math.sqrt(8 * inputs), "float32", seed);
    }
    case "scale":
    case "runningVariance":
      return tf.randomUniform(shape, 0.5, 1.5, "float32", seed);
    default:
      return tf.randomNormal(shape, 0, 0.3, "float32", seed);
  }
}

/** A generator's tensors as a checkpoint has them. */
export async function tensorSources(engine: Engine, generator: Network): Promise<TensorSource[]> {
  const sources: TensorSource[] = [];
  for (const spec of generator.specs) {
    const tensor = tf.tidy(() => toPytorchLayout(generator.variable(spec.name).read(), spec));
    const values = await engine.read(tensor);
    tensor.dispose();
    sources.push({
      name: spec.name,
      dtype: "F32",
      shape: pytorchShape(spec),
      data: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    });
  }
  return sources;
}

/**
 * Writes a run with one checkpoint a generator, of the steps 1, 2, … with these values of psnr and
 * these moving averages.
 */
export async function writeRun(
  engine: Engine,
  folder: string,
  generators: readonly {
    readonly generator: Network;
    readonly ema?: Network;
    readonly psnr?: number;
  }[],
  config: TrainingConfig = smallConfig,
): Promise<void> {
  const store = await openCheckpointStore(folder, {
    programVersion: "1",
    metric: { name: "psnr", direction: "higher" },
  });
  for (const [index, { generator, ema, psnr }] of generators.entries()) {
    await store.save({
      step: index + 1,
      tensors: {
        "generator.safetensors": await tensorSources(engine, generator),
        ...(ema && { "generator_ema.safetensors": await tensorSources(engine, ema) }),
      },
      state: { config: { ...config }, step: index + 1 },
      metric: psnr,
    });
  }
}
