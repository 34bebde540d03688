import type { TrainingConfig } from "../config/training.ts";

/** Weights of a generator: their moving average, or as training left them. */
export type GeneratorWeights = TrainingConfig["emaUse"];

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
      /** Which of its checkpoints: a step, or the newest (default) or best one. */
      readonly checkpoint?: number | "newest" | "best" | undefined;
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
