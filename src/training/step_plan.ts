import type { TrainingConfig } from "../config/training.ts";

/** What decides which step does what. */
export type PlanConfig = Pick<TrainingConfig, "pretrainSteps" | "criticSteps" | "nCritic">;

/** What one step does. */
export interface StepPlan {
  /** Whether the discriminator learns. */
  readonly discriminator: boolean;
  /** What the generator learns from: its L1 loss alone, or all its losses; "none": it does not. */
  readonly generator: "none" | "l1" | "gan";
  /** Updates of each network with this step: the t of its Adam. */
  readonly updatesD: number;
  readonly updatesG: number;
}

/**
 * What a step does: in the first `pretrainSteps` only the generator learns, from its L1 loss; in the
 * next `criticSteps` only the discriminator; then the discriminator learns in every step, and the
 * generator in each `nCritic`-th.
 *
 * @param step counted from 1.
 */
export function stepPlan(
  step: number,
  { pretrainSteps, criticSteps, nCritic }: PlanConfig,
): StepPlan {
  if (step <= pretrainSteps) {
    return { discriminator: false, generator: "l1", updatesD: 0, updatesG: step };
  }
  const updatesD = step - pretrainSteps;
  const together = Math.max(0, updatesD - criticSteps);
  return {
    discriminator: true,
    generator: together > 0 && together % nCritic === 0 ? "gan" : "none",
    updatesD,
    updatesG: pretrainSteps + Math.floor(together / nCritic),
  };
}

/** The phase of a run that a step belongs to. @param step counted from 1. */
export function phaseOf(
  step: number,
  { pretrainSteps, criticSteps }: Pick<PlanConfig, "pretrainSteps" | "criticSteps">,
): "pretraining" | "critic" | "gan" {
  if (step <= pretrainSteps) return "pretraining";
  return step <= pretrainSteps + criticSteps ? "critic" : "gan";
}

/** A part of a step, which is one call of a compiled function on one batch. */
export interface StepPart {
  readonly discriminator: boolean;
  readonly generator: StepPlan["generator"];
  /** Which of the step's batches it takes, from 0. */
  readonly batch: number;
  /** What becomes of the gradients: they move the weights, are summed up, or both. */
  readonly learning: "move" | "sum" | "sum and move";
  /**
   * Whether the generator's running statistics stay as they are: another part runs it forward on the
   * same batch.
   */
  readonly still: boolean;
}

/**
 * The parts of a step. One batch is one part. Of several, the discriminator sees all before it moves,
 * and only then the generator learns from all, so that both are judged as by one step of the large
 * batch; the generator runs forward twice on each for it, with the same draws.
 */
export function stepParts(
  { discriminator, generator }: StepPlan,
  accumulate: number,
): StepPart[] {
  if (accumulate === 1) {
    return [{ discriminator, generator, batch: 0, learning: "move", still: false }];
  }
  const phase = (what: Pick<StepPart, "discriminator" | "generator" | "still">) =>
    Array.from({ length: accumulate }, (_, batch): StepPart => ({
      ...what,
      batch,
      learning: batch === accumulate - 1 ? "sum and move" : "sum",
    }));
  const learns = generator !== "none";
  return [
    ...(discriminator ? phase({ discriminator, generator: "none", still: learns }) : []),
    ...(learns ? phase({ discriminator: false, generator, still: false }) : []),
  ];
}
