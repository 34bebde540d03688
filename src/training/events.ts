import type { Losses } from "./compiled_step.ts";
import type { Finding } from "./health/finding.ts";
import type { HealthAction } from "./health/health.ts";
import type { DrawnSheet } from "../drawing/sample_sheet.ts";
import type { HintedMeasures, PhotoJudgement, Validation } from "../validation/measures.ts";

/** Where the pictures of a sheet are. */
export type SheetPlaces = Omit<DrawnSheet, "png">;

/** What training tells while it runs; `step` counts from 1. */
export type TrainingEvent =
  | {
    readonly kind: "step";
    readonly step: number;
    readonly epoch: number;
    readonly totalSteps: number;
    readonly losses: Losses;
    readonly lrG: number;
    readonly lrD: number;
    readonly imagesPerSecond: number;
    readonly secondsLeft: number;
  }
  | {
    /** What it does next, in place of steps; the next step ends it. */
    readonly kind: "phase";
    readonly step: number;
    readonly phase: "validating" | "saving";
  }
  | {
    readonly kind: "validation";
    readonly step: number;
    readonly validation: Validation;
    /** The same photos with hints, where the generator takes them. */
    readonly hinted: readonly HintedMeasures[];
    /** Whether no earlier one was better. */
    readonly best: boolean;
  }
  | {
    readonly kind: "sample";
    readonly step: number;
    readonly path: string;
    readonly width: number;
    readonly height: number;
    /** Of the photos on it, the same ones every time. */
    readonly measures: Validation;
    /** Where its pictures are. */
    readonly layout: SheetPlaces;
    /** What each photo became, in the order of the sheet. */
    readonly judgements: readonly PhotoJudgement[];
  }
  | {
    readonly kind: "checkpoint";
    readonly step: number;
    readonly path: string;
    readonly sizeBytes: number;
  }
  | {
    /** Something the person who trains should know. */
    readonly kind: "notice";
    readonly step: number;
    /** A sentence, without a path. */
    readonly message: string;
  }
  | {
    readonly kind: "health";
    /** At which it was found; after a rollback steps count on from an earlier one. */
    readonly step: number;
    readonly finding: Finding;
    /** What is done about it. */
    readonly action: HealthAction;
    /** Both as a sentence. */
    readonly message: string;
  };

/** Takes what training tells; must not throw. */
export type TrainingListener = (event: TrainingEvent) => void;

/** How a run ended, short of an error. */
export interface TrainingOutcome {
  /**
   * "completed": all steps; "limit": maxMinutes; "early_stop": no validation was better for as long
   * as earlyStop says; "interrupted": the signal; "paused": its health.
   */
  readonly reason: "completed" | "limit" | "early_stop" | "interrupted" | "paused";
  /** For which it was paused; undefined where it was not. */
  readonly finding: Finding | undefined;
  readonly step: number;
  readonly totalSteps: number;
  /** How many of the steps were taken now, not by the run that was resumed. */
  readonly stepsTaken: number;
  /** The newest checkpoint's folder. */
  readonly checkpoint: string;
  /** The last validation, where there was one. */
  readonly validation: Validation | undefined;
}
