import { TinctError } from "../errors.ts";
import { type CheckpointInfo, GENERATOR_EMA_FILE, GENERATOR_FILE } from "./checkpoint_folder.ts";

/** Weights of a generator: their moving average over the training, or as the optimizer left them. */
export type GeneratorWeights = "ema" | "raw";

const files: Readonly<Record<GeneratorWeights, string>> = {
  ema: GENERATOR_EMA_FILE,
  raw: GENERATOR_FILE,
};

/**
 * Which weights of a checkpoint are to be used, and the file that holds them.
 *
 * @param wanted when left out, the moving average where the checkpoint has one.
 * @throws {TinctError} failed_precondition when it has not got those that are wanted; data_loss when
 *   it has neither.
 */
export function chooseWeights(
  { path, files: listed }: CheckpointInfo,
  wanted?: GeneratorWeights,
): { readonly weights: GeneratorWeights; readonly file: string } {
  const has = (weights: GeneratorWeights) => listed.some(({ name }) => name === files[weights]);
  const weights = wanted ?? (has("ema") ? "ema" : "raw");
  if (has(weights)) return { weights, file: files[weights] };
  const other = weights === "ema" ? "raw" : "ema";
  if (!has(other)) throw new TinctError("data_loss", `${path} lists no ${GENERATOR_FILE}.`);
  throw new TinctError(
    "failed_precondition",
    weights === "ema"
      ? `${path} has no moving average of the generator (it was trained with emaDecay 0): leave the ` +
        "choice of weights out, or take raw."
      : `${path} has only the moving average of the generator: leave the choice of weights out, or ` +
        "take ema.",
  );
}
