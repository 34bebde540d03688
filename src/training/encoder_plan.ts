import type { TrainingConfig } from "../config/training.ts";
import { type PlanConfig, stepPlan } from "./step_plan.ts";

/** What decides when a generator's encoder learns, and how fast. */
export type EncoderPlanConfig =
  & PlanConfig
  & Pick<TrainingConfig, "generator" | "freezeEncoderSteps" | "encoderRate">;

/** What a step does with the generator's encoder. */
export interface EncoderPlan {
  /** Whether it moves with the rest of the generator; a U-Net has no encoder to be left out. */
  readonly encoderLearns: boolean;
  /** Its updates with this step: the t of its Adam, which does not count steps that left it alone. */
  readonly updates: number;
}

/** @param step counted from 1. */
export function encoderPlan(step: number, config: EncoderPlanConfig): EncoderPlan {
  const frozen = config.generator === "unet" ? 0 : Math.min(step, config.freezeEncoderSteps);
  const updatesWith = (step: number) => step === 0 ? 0 : stepPlan(step, config).updatesG;
  return { encoderLearns: step > frozen, updates: updatesWith(step) - updatesWith(frozen) };
}
