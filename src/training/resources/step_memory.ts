import process from "node:process";
import { discriminatorNorm } from "../../config/losses.ts";
import type { TrainingConfig } from "../../config/training.ts";
import { availableMemoryBytes } from "../../machine/memory.ts";
import type { Engine } from "../../engine/engine.ts";
import { generatorArchitecture } from "../../model/generators.ts";
import { isTrainable, type ParameterSpec } from "../../model/parameters.ts";
import { patchganParameters } from "../../model/patchgan.ts";
import { perceptualNetworkOf } from "../perceptual.ts";
import { diskNeeds } from "./disk_needs.ts";

/** The share of the memory that is planned for: allocators leave gaps, and libraries need some. */
const USABLE_SHARE = 0.9;

/**
 * Memory of a step for each photo of a batch, over the bytes of what its layers put out: gradients,
 * and what is laid out anew for convolutions, besides. Measured as resident memory on a CPU.
 */
const BYTES_OVER_OUTPUTS = 2;

/** What a step holds at any batch size, in bytes: weights, gradients, Adam's moments, a checkpoint's copy. */
export function fixedStepBytes(config: TrainingConfig): number {
  const { ndf, nLayers } = config;
  const specs = [
    ...generatorArchitecture(config).parameters,
    ...patchganParameters({ ndf, nLayers, norm: discriminatorNorm(config) }),
  ];
  const frozen = perceptualNetworkOf(config)?.parameters ?? [];
  return 2 * diskNeeds(config, 0).checkpoint +
    4 * (numbersOf(specs.filter(isTrainable)) + numbersOf(frozen));
}

/**
 * What a step takes for each photo of its batch, in bytes, to within a factor of two: from the
 * layers' outputs; the discriminator has three sets of them (of the generated picture twice).
 */
export function stepBytesPerPhoto(config: TrainingConfig): number {
  const { size, ndf, nLayers } = config;
  let numbers = generatorArchitecture(config).outputs(size);
  for (let layer = 0; layer <= nLayers; layer++) {
    const side = size / 2 ** Math.min(layer + 1, nLayers);
    numbers += 3 * side ** 2 * ndf * 2 ** layer;
  }
  // The perceptual network sees the generated and the real picture.
  numbers += 2 * (perceptualNetworkOf(config)?.outputs(size) ?? 0);
  return 4 * BYTES_OVER_OUTPUTS * numbers;
}

/**
 * The largest batch that should fit, given that `batchSize` photos did not: an estimate.
 *
 * @param memoryBytes what the training may have in all.
 * @returns from 0, which says that not even one photo would fit, to `batchSize - 1`.
 */
export function batchThatFits(config: TrainingConfig, memoryBytes: number): number {
  const room = Math.max(0, memoryBytes - fixedStepBytes(config));
  // It is known that a step of the whole batch took more than there is.
  const perPhoto = Math.max(stepBytesPerPhoto(config), room / config.batchSize);
  return Math.min(config.batchSize - 1, Math.floor(USABLE_SHARE * room / perPhoto));
}

/**
 * The memory that a training may have in all, in bytes: of a GPU what TensorFlow took for its own, of
 * the machine what this process has and could have.
 */
export function memoryOf({ context }: Pick<Engine, "context">): number {
  const gpu = context.devices().find(({ type }) => type === "GPU");
  return gpu?.memoryBytes ?? process.memoryUsage.rss() + availableMemoryBytes();
}

function numbersOf(specs: readonly ParameterSpec[]): number {
  return specs.reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
}
