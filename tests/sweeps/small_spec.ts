import type { SweepRun, SweepSpec } from "../../src/jobs/sweep.ts";

/** A random search of two options. */
export const smallSpec: SweepSpec = {
  dataset: "meadow",
  config: { size: 32, nDown: 5 },
  method: "random",
  parameters: [
    { option: "lrG", range: { min: 1e-5, max: 1e-2, logarithmic: true, points: 0 } },
    { option: "ganMode", values: ["vanilla", "lsgan"] },
  ],
  trials: 9,
  seed: 0,
  metric: "psnr_db",
  halving: null,
  maxConcurrentJobs: 0,
};

/** A run that was measured. */
export function measured(trial: number, rung: number, value: number): SweepRun {
  return { trial, rung, jobId: `job-${trial}-${rung}`, outcome: "measured", value, step: 10 };
}
