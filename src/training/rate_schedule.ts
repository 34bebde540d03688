import type { TrainingConfig } from "../config/training.ts";

/** What of a run's configuration decides how its learning rates change. */
export type ScheduleConfig = Pick<
  TrainingConfig,
  | "lrSchedule"
  | "lrDecayEpoch"
  | "lrStepEpochs"
  | "lrGamma"
  | "lrPatience"
  | "lrMin"
  | "lrWarmupSteps"
>;

/** How long a run is to be. */
export interface RunLength {
  readonly stepsPerEpoch: number;
  /** By `epochs` and `maxSteps`. */
  readonly totalSteps: number;
}

/** What the schedule "plateau" has seen so far. */
export interface PlateauState {
  /** What it multiplies the rates by. */
  readonly factor: number;
  /** The best value of the metric; null before the first. */
  readonly best: number | null;
  /** Validations in a row without a gain. */
  readonly waited: number;
}

/** Before the first validation. */
export const freshPlateau: PlateauState = { factor: 1, best: null, waited: 0 };

/** By what share of the best a validation has to gain, as PyTorch's default has it. */
const plateauThreshold = 1e-4;

/**
 * What both learning rates are multiplied by at a step.
 *
 * - "linear": pix2pix's LambdaLR (Isola et al., 2017), by the epoch: 1 for `lrDecayEpoch` epochs, then
 *   a straight line that would reach 0 one epoch after the last.
 * - "step": PyTorch's StepLR, by the epoch.
 * - "cosine": PyTorch's CosineAnnealingLR (Loshchilov & Hutter, 2017), by the step; `lrMin` would be
 *   reached one step after the last.
 * - "plateau": the state's factor; see `plateauAfter`.
 *
 * The warm-up (Goyal et al., 2017) is a factor on top: step / `lrWarmupSteps`, at most 1. It does not
 * put the schedule off.
 *
 * @param step counted from 1.
 */
export function rateFactor(
  step: number,
  length: RunLength,
  config: ScheduleConfig,
  plateau: PlateauState,
): number {
  const { lrWarmupSteps } = config;
  const scheduled = scheduledFactor(step, length, config, plateau);
  return step < lrWarmupSteps ? scheduled * step / lrWarmupSteps : scheduled;
}

function scheduledFactor(
  step: number,
  { stepsPerEpoch, totalSteps }: RunLength,
  { lrSchedule, lrDecayEpoch, lrStepEpochs, lrGamma, lrMin }: ScheduleConfig,
  plateau: PlateauState,
): number {
  const epoch = Math.floor((step - 1) / stepsPerEpoch); // from 0
  switch (lrSchedule) {
    case "constant":
      return 1;
    case "linear": {
      const epochs = Math.ceil(totalSteps / stepsPerEpoch);
      const full = lrDecayEpoch || Math.floor(epochs / 2);
      const fallen = epoch + 1 - full;
      return fallen > 0 ? Math.max(0, 1 - fallen / (epochs - full + 1)) : 1;
    }
    case "step":
      return lrGamma ** Math.floor(epoch / lrStepEpochs);
    case "cosine": {
      const done = Math.min(1, (step - 1) / totalSteps);
      return lrMin + (1 - lrMin) * (1 + Math.cos(Math.PI * done)) / 2;
    }
    case "plateau":
      return plateau.factor;
  }
}

/**
 * The state after a validation, as PyTorch's ReduceLROnPlateau goes on (threshold 1e-4 relative, no
 * cooldown): after more than `lrPatience` validations in a row without a gain, the factor is
 * multiplied by `lrGamma`, down to `lrMin`.
 *
 * @param value the metric's; finite, and not negative.
 * @param direction which end of its scale is better.
 */
export function plateauAfter(
  { factor, best, waited }: PlateauState,
  { value, direction }: { readonly value: number; readonly direction: "higher" | "lower" },
  { lrGamma, lrPatience, lrMin }: Pick<ScheduleConfig, "lrGamma" | "lrPatience" | "lrMin">,
): PlateauState {
  const isGain = best === null ||
    (direction === "higher"
      ? value > best * (1 + plateauThreshold)
      : value < best * (1 - plateauThreshold));
  if (isGain) return { factor, best: value, waited: 0 };
  if (waited < lrPatience) return { factor, best, waited: waited + 1 };
  return { factor: Math.max(factor * lrGamma, lrMin), best, waited: 0 };
}
