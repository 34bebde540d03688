import type { TrainingConfig } from "../config/training.ts";
import type { CheckpointReference__Output } from "../protocol/generated/tinct/v1/checkpoint_reference.ts";

/** Weights of a generator: their moving average, or as training left them. */
export type GeneratorWeights = TrainingConfig["emaUse"];

/** Which of a job's checkpoints: a step, or one to be chosen. */
export type CheckpointChoice = number | "newest" | "best";

/** What a photo can be colorized with. */
export type ModelSource =
  & {
    /** Which of its weights; the moving average where there is one, by default. */
    readonly weights?: GeneratorWeights | undefined;
  }
  & (
    | {
      /** A promoted model's name. */
      readonly name: string;
      /** The newest by default. */
      readonly version?: number | undefined;
    }
    | {
      /** A job, which may still train. */
      readonly jobId: string;
      /** The newest by default. */
      readonly checkpoint?: CheckpointChoice | undefined;
    }
  );

/** A model that was found. */
export type ResolvedModel =
  & {
    /** The checkpoint's folder, absolute. */
    readonly folder: string;
  }
  & (
    | { readonly name: string; readonly version: number }
    | { readonly jobId: string; readonly step: number }
  );

/** What a message asks for. */
export function choiceOf(reference: CheckpointReference__Output): CheckpointChoice {
  if (reference.checkpoint === "step") return reference.step ?? 0;
  return reference.choice === "CHECKPOINT_CHOICE_BEST" ? "best" : "newest";
}
