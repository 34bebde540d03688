import { choice } from "../config/option.ts";
import { type FieldViolation, TinctError } from "../errors.ts";
import type { ModelReference } from "../protocol/generated/tinct/v1/model_reference.ts";
import { weightsMessage } from "../protocol/weights_choice.ts";

/** Which checkpoint of a run, and which of its weights; undefined: the average if there is one. */
export interface CheckpointChoice {
  readonly checkpoint: "latest" | "best" | number;
  readonly weights: "ema" | "raw" | undefined;
}

/** See `readWeights`. */
export const weightsOption = choice(
  ["auto", "ema", "raw"],
  "raw: the checkpoint's weights; ema: their moving average; auto: the average if there is one",
);

/** Reads which weights of a checkpoint are meant. */
export function readWeights(given: "auto" | "ema" | "raw"): CheckpointChoice["weights"] {
  return given === "auto" ? undefined : given;
}

/**
 * Reads which checkpoint of a run is meant, and which of its weights.
 *
 * @throws TinctError `invalid_argument` for a checkpoint but "latest", "best" or a whole number.
 */
export function readChoice(
  given: { readonly checkpoint: string; readonly weights: "auto" | "ema" | "raw" },
): CheckpointChoice {
  const weights = readWeights(given.weights);
  const { checkpoint } = given;
  if (checkpoint === "latest" || checkpoint === "best") return { checkpoint, weights };
  if (/^\d{1,15}$/.test(checkpoint)) return { checkpoint: Number(checkpoint), weights };
  throw new TinctError(
    "invalid_argument",
    `--checkpoint must be latest, best or the number of a step, not ${JSON.stringify(checkpoint)}.`,
  );
}

/** Refuses a checkpoint of a promoted model. */
export function checkpointViolations(
  { server, model, checkpoint }: Readonly<Record<string, unknown>>,
): FieldViolation[] {
  const isOne = server !== undefined && !String(model).startsWith("job-");
  if (!isOne || checkpoint === undefined) return [];
  const description = "applies only to a run or a job's id: a promoted model is one checkpoint";
  return [{ field: "checkpoint", description }];
}

/** What a server is asked for. @param model a model's name or a job's id. */
export function referTo(
  model: string,
  { checkpoint, weights: chosen }: CheckpointChoice,
): ModelReference {
  const weights = weightsMessage(chosen);
  if (!model.startsWith("job-")) return { name: model, weights };
  if (typeof checkpoint === "number") {
    return { checkpoint: { jobId: model, step: checkpoint }, weights };
  }
  const choice = checkpoint === "best" ? "CHECKPOINT_CHOICE_BEST" : "CHECKPOINT_CHOICE_NEWEST";
  return { checkpoint: { jobId: model, choice }, weights };
}
