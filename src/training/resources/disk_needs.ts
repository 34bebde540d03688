import type { TrainingConfig } from "../../config/training.ts";
import { bytesPerPicture } from "../../prepared/prepared_set.ts";
import { generatorArchitecture } from "../../model/generators.ts";
import { isTrainable, type ParameterSpec } from "../../model/parameters.ts";
import { patchganParameters } from "../../model/patchgan.ts";
import { discriminatorNorm } from "../../config/losses.ts";
import { perceptualNetworkOf, seesByEncoder } from "../perceptual.ts";

/** What a training writes to the disk, in bytes. */
interface DiskNeeds {
  /** The prepared photos. */
  readonly prepared: number;
  /** One checkpoint. */
  readonly checkpoint: number;
  /** The most checkpoints that there are at a time. */
  readonly checkpoints: number;
}

/** @param photos that are trained on and validated with. */
export function diskNeeds(config: TrainingConfig, photos: number): DiskNeeds {
  return {
    prepared: photos * bytesPerPicture(config.size),
    checkpoint: checkpointBytes(config),
    // The newest ones, the best besides, and the one that is being written before the oldest goes.
    checkpoints: config.keepCheckpoints + 2,
  };
}

/** A checkpoint's tensors, 4 bytes a number: weights, two moments of each that learns, what else is kept. */
function checkpointBytes(config: TrainingConfig): number {
  const { ndf, nLayers } = config;
  const generator = generatorArchitecture(config).parameters;
  const discriminator = patchganParameters({ ndf, nLayers, norm: discriminatorNorm(config) });
  const moments = [...generator, ...discriminator].filter(isTrainable);
  const numbers = numbersOf(generator) * (config.emaDecay > 0 ? 2 : 1) + numbersOf(discriminator) +
    2 * numbersOf(moments) + config.poolSize * bytesPerPicture(config.size) +
    numbersOf(seesByEncoder(config) ? perceptualNetworkOf(config)!.parameters : []);
  return 4 * numbers;
}

function numbersOf(specs: readonly ParameterSpec[]): number {
  return specs.reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
}
