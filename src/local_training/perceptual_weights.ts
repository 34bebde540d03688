import { readVggWeights } from "../checkpoints/vgg_weights.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { text } from "../terminal/arguments.ts";
import { PerceptualNetwork, seesByEncoder } from "../training/perceptual.ts";

/** The option of `train` that names the file. */
export const perceptualOptions = {
  perceptualWeights: text(
    "FILE",
    "weights of the perceptual loss's network: torchvision's vgg16_bn (.pth, .pt or .safetensors)",
  ),
} as const;

/** What of a run's configuration says whether there is a perceptual loss, and what it sees with. */
type PerceptualConfig = Pick<TrainingConfig, "lambdaPerceptual" | "perceptual">;

/**
 * Refuses a perceptual loss without weights, and weights that do not fit, before anything is done.
 *
 * @param path what `--perceptual-weights` says.
 * @param hasEncoder whether the run begins with an encoder that was trained before, or goes on.
 * @throws TinctError `invalid_argument`; `failed_precondition`, `not_found` or `data_loss` of the file.
 */
export async function checkPerceptualWeights(
  path: string | undefined,
  config: PerceptualConfig,
  hasEncoder: boolean,
): Promise<void> {
  const { lambdaPerceptual } = config;
  if (seesByEncoder(config)) {
    if (path !== undefined) {
      throw unused(path, "--perceptual is encoder, which sees with the run's own");
    }
    if (hasEncoder) return;
    throw new TinctError(
      "invalid_argument",
      "--perceptual encoder needs --encoder-weights FILE: the weights of a ResNet of torchvision or " +
        "timm. An encoder whose weights are drawn has learned to see nothing.",
    );
  }
  if (lambdaPerceptual > 0 && path === undefined) {
    throw new TinctError(
      "invalid_argument",
      `--lambda-perceptual ${lambdaPerceptual} needs --perceptual-weights FILE: the weights of ` +
        "torchvision's vgg16_bn. Or see with the generator's encoder: --perceptual " +
        "encoder.",
    );
  }
  if (lambdaPerceptual === 0 && path !== undefined) {
    throw unused(path, "--lambda-perceptual is 0");
  }
  if (path !== undefined) await readVggWeights(path);
}

function unused(path: string, why: string): TinctError {
  return new TinctError(
    "invalid_argument",
    `--perceptual-weights ${path} would not be used: ${why}.`,
  );
}

/**
 * Reads the VGG16 of the perceptual loss.
 *
 * @returns undefined where the run has none; the caller disposes of it.
 * @throws TinctError as `checkPerceptualWeights`.
 */
export async function openPerceptualWeights(
  engine: Engine,
  path: string | undefined,
  config: PerceptualConfig,
  signal: AbortSignal,
): Promise<PerceptualNetwork | undefined> {
  if (path === undefined || config.lambdaPerceptual === 0 || seesByEncoder(config)) {
    return undefined;
  }
  return PerceptualNetwork.ofVgg(engine, await readVggWeights(path, { signal }));
}
