import type { MetricChoice } from "../checkpoints/run_folder.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Validation } from "../validation/measures.ts";

/** A metric by which checkpoints of a run are compared. */
export interface BestMetric extends MetricChoice {
  /** Its field in the protos' Validation. */
  readonly field: string;
  /** Its value; not finite where it could not be measured. */
  readonly of: (validation: Validation) => number;
}

/** What can be chosen by. The names are those of checkpoint.json. */
const metrics: Readonly<Record<TrainingConfig["bestMetric"], BestMetric>> = {
  "psnr": { name: "psnr", direction: "higher", field: "psnr_db", of: ({ psnr }) => psnr },
  "ssim": { name: "ssim", direction: "higher", field: "ssim", of: ({ ssim }) => ssim },
  "delta-e2000": {
    name: "deltaE2000",
    direction: "lower",
    field: "delta_e2000",
    of: ({ deltaE2000 }) => deltaE2000,
  },
  "ab-error": {
    name: "abError",
    direction: "lower",
    field: "ab_error",
    of: ({ abError }) => abError,
  },
  "l1": { name: "l1", direction: "lower", field: "l1", of: ({ l1 }) => l1 },
  // Neither more nor less is better, but nearer to 1: so its distance from 1 is compared.
  "colorfulness-ratio": {
    name: "colorfulnessRatioFrom1",
    direction: "lower",
    field: "colorfulness_ratio",
    of: ({ colorfulnessRatio }) => Math.abs(colorfulnessRatio - 1),
  },
  "vivid-delta-e2000": {
    name: "vividDeltaE2000",
    direction: "lower",
    field: "vivid_delta_e2000",
    of: ({ vividDeltaE2000 }) => vividDeltaE2000,
  },
};

/** The metric that a run's best checkpoint is chosen by. */
export function bestMetricOf({ bestMetric }: Pick<TrainingConfig, "bestMetric">): BestMetric {
  return metrics[bestMetric];
}

/** What is told of a run that came to no better validation; a whole sentence. */
export function earlyStopSentence(
  { step }: { readonly step: number },
  { bestMetric, earlyStop }: Pick<TrainingConfig, "bestMetric" | "earlyStop">,
): string {
  const last = earlyStop === 1 ? "the last validation" : `the last ${earlyStop} validations`;
  return `Stopped early after step ${step}: ${last} brought no better ${bestMetric}.`;
}
