import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { text } from "../terminal/arguments.ts";
import { PerceptualNetwork } from "../training/perceptual.ts";

/** The option of `train` that names the file. */
export const perceptualOptions = {
  perceptualWeights: text(
    "FILE",
    "weights of the perceptual loss's network: torchvision's vgg16_bn, as safetensors",
  ),
} as const;

/** What of a run's configuration says whether there is a perceptual loss. */
type PerceptualConfig = Pick<TrainingConfig, "lambdaPerceptual">;

/**
 * Refuses a perceptual loss without weights, and weights that do not fit, before anything is done.
 *
 * @param path what `--perceptual-weights` says.
 * @throws TinctError `invalid_argument`; `failed_precondition`, `not_found` or `data_loss` of the file.
 */
export async function checkPerceptualWeights(
  path: string | undefined,
  { lambdaPerceptual }: PerceptualConfig,
): Promise<void> {
  if (lambdaPerceptual > 0 && path === undefined) {
    throw new TinctError(
      "invalid_argument",
      `--lambda-perceptual ${lambdaPerceptual} needs --perceptual-weights FILE: the weights of ` +
        "torchvision's vgg16_bn, as safetensors.",
    );
  }
  if (lambdaPerceptual === 0 && path !== undefined) {
    throw new TinctError(
      "invalid_argument",
      `--perceptual-weights ${path} would not be used: --lambda-perceptual is 0.`,
    );
  }
  if (path !== undefined) await PerceptualNetwork.check(path);
}

/**
 * Reads the network of the perceptual loss.
 *
 * @returns undefined where the run has none; whoever asked disposes of it.
 * @throws TinctError as `checkPerceptualWeights`.
 */
export async function openPerceptualWeights(
  engine: Engine,
  path: string | undefined,
  { lambdaPerceptual }: PerceptualConfig,
  signal: AbortSignal,
): Promise<PerceptualNetwork | undefined> {
  if (path === undefined || lambdaPerceptual === 0) return undefined;
  return await PerceptualNetwork.open(engine, path, { signal });
}
