import type { JsonObject } from "./json.ts";

/** A value of a training option. */
export type SweepValue = number | string | boolean;

/** Numbers to choose from. */
export interface SweepRange {
  readonly min: number;
  readonly max: number;
  /** Spread evenly by their logarithm. */
  readonly logarithmic: boolean;
  /** How many of them a grid has, both ends among them; 0 in a random search. */
  readonly points: number;
}

/** An option that differs from trial to trial. */
export type SweepParameter = {
  /** Its name in `trainingOptions`. */
  readonly option: string;
} & ({ readonly values: readonly SweepValue[] } | { readonly range: SweepRange });

/** Asynchronous successive halving (ASHA): the steps of the first and last rung, and the factor. */
export interface SweepHalving {
  readonly minSteps: number;
  readonly maxSteps: number;
  readonly reductionFactor: number;
}

/** What is tried. */
export interface SweepSpec {
  readonly dataset: string;
  /** The options that are the same for all trials, by name, as they were given. */
  readonly config: JsonObject;
  readonly method: "random" | "grid";
  readonly parameters: readonly SweepParameter[];
  /** Of a random search; a grid has its own number. */
  readonly trials: number;
  readonly seed: number;
  /** A field of the proto `Validation`, one of `sweepMetrics`. */
  readonly metric: SweepMetric;
  /** Stops bad trials early; null: every trial is trained to its end. */
  readonly halving: SweepHalving | null;
  /** Most jobs that wait or run at a time; 0: one a device. */
  readonly maxConcurrentJobs: number;
}

/** What trials may be compared by, and what is better. */
export const sweepMetrics = {
  psnr_db: "higher",
  ssim: "higher",
  delta_e2000: "lower",
  ab_error: "lower",
  l1: "lower",
  // Under 1 the pictures are too gray, above it too gaudy.
  colorfulness_ratio: "near 1",
  vivid_delta_e2000: "lower",
} as const;

/** One of `sweepMetrics`. */
export type SweepMetric = keyof typeof sweepMetrics;

/** A training job of a trial. */
export interface SweepRun {
  readonly trial: number;
  /** How often the trial was chosen to go on before. */
  readonly rung: number;
  readonly jobId: string;
  /** How it ended; undefined while it waits or runs. */
  readonly outcome: SweepRunOutcome | undefined;
  /** The metric at its end; undefined where it was not measured. */
  readonly value: number | undefined;
  /** Training steps done when it was measured. */
  readonly step: number | undefined;
}

/** How a run of a sweep ended. */
export const sweepRunOutcomes = ["measured", "failed", "cancelled"] as const;

/** One of `sweepRunOutcomes`. */
type SweepRunOutcome = typeof sweepRunOutcomes[number];

/** Where a sweep stands. */
export const sweepStates = ["RUNNING", "SUCCEEDED", "CANCELLED", "FAILED"] as const;

/** One of `sweepStates`. */
export type SweepState = typeof sweepStates[number];

/** A search for good training options. Times are milliseconds since 1970, UTC. */
export interface Sweep {
  /** See `newSweepId`. */
  readonly id: string;
  readonly displayName: string;
  readonly spec: SweepSpec;
  readonly state: SweepState;
  /** Why it failed, for a person; "" otherwise. */
  readonly message: string;
  /** Its jobs so far, in the order in which they were begun. */
  readonly runs: readonly SweepRun[];
  readonly createdAtMs: number;
  /** Defined in terminal states alone. */
  readonly finishedAtMs: number | undefined;
}

/** What a client submits. */
export interface NewSweep {
  readonly id: string;
  readonly displayName: string;
  readonly spec: SweepSpec;
  /** Makes a repeated submission give the same sweep. */
  readonly request?: { readonly id: string; readonly hash: string } | undefined;
}

/** How bad a value of a metric is, on a scale of its own: of two values the better one has less. */
export function badnessOf(metric: SweepMetric, value: number): number {
  switch (sweepMetrics[metric]) {
    case "higher":
      return -value;
    case "lower":
      return value;
    case "near 1":
      return Math.abs(value - 1);
  }
}

/** Whether a text is a metric. */
export function isSweepMetric(text: string): text is SweepMetric {
  return Object.hasOwn(sweepMetrics, text);
}
