import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { TrainingConfig } from "../config/training.ts";
import { adamRates } from "../engine/adam.ts";
import { emaShare } from "./ema.ts";
import { encoderPlan, type EncoderPlanConfig } from "./encoder_plan.ts";
import type { Rates } from "./learning_rates.ts";
import { stepPlan } from "./step_plan.ts";

/** What decides the rates of a step. */
type StepRatesConfig =
  & EncoderPlanConfig
  & Pick<TrainingConfig, "beta1" | "beta2" | "adamEpsilon" | "emaDecay">;

/**
 * Where a step's tensor of rates has what: the rate and the epsilon of an Adam (`adamRates`), or the
 * share of the moving average (`emaShare`).
 */
export const rateIndex = { generator: 0, discriminator: 2, ema: 4, encoder: 5 } as const;

/**
 * The numbers that change from step to step, for the compiled step.
 *
 * @param step counted from 1.
 * @param lr the learning rates of this step.
 * @returns [5]; with an encoder's own [7].
 */
export function stepRates(step: number, { lrG, lrD }: Rates, config: StepRatesConfig): Tensor {
  const { beta1, beta2, adamEpsilon: epsilon, emaDecay, encoderRate } = config;
  const { updatesG, updatesD } = stepPlan(step, config);
  const adam = (lr: number, updates: number) =>
    updates === 0 ? [0, 0] : adamRates(lr, updates, { beta1, beta2, epsilon });
  return tf.tensor1d([
    ...adam(lrG, updatesG),
    ...adam(lrD, updatesD),
    emaShare(emaDecay, updatesG),
    ...(config.generator === "unet"
      ? []
      : adam(encoderRate * lrG, encoderPlan(step, config).updates)),
  ]);
}
