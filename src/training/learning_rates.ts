import type { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";
import type { TrainingConfig } from "../config/training.ts";
import {
  freshPlateau,
  plateauAfter,
  type PlateauState,
  rateFactor,
  type RunLength,
  type ScheduleConfig,
} from "./rate_schedule.ts";
import type { RunPart } from "../runs/run_part.ts";
import { phaseOf } from "./step_plan.ts";

/** The learning rates of one step. */
export interface Rates {
  readonly lrG: number;
  readonly lrD: number;
}

/** What decides the learning rates of a run. */
type RatesConfig =
  & ScheduleConfig
  & Pick<
    TrainingConfig,
    "lrG" | "lrD" | "lrPretrain" | "lrCritic" | "pretrainSteps" | "criticSteps"
  >;

/** The learning rates of a run: both follow its schedule by the same factor. */
export class LearningRates implements RunPart {
  readonly #config: RatesConfig;
  readonly #length: RunLength;
  #plateau: PlateauState = freshPlateau;

  constructor(config: RatesConfig, length: RunLength) {
    this.#config = config;
    this.#length = length;
  }

  /** @param step counted from 1. */
  at(step: number): Rates {
    const factor = rateFactor(step, this.#length, this.#config, this.#plateau);
    const { lrG, lrD, lrPretrain, lrCritic } = this.#config;
    const phase = phaseOf(step, this.#config);
    return {
      lrG: (phase === "pretraining" && lrPretrain || lrG) * factor,
      lrD: (phase === "critic" && lrCritic || lrD) * factor,
    };
  }

  /** Takes a validation's value in, for the steps to come. */
  noteValidation(
    measured: { readonly value: number; readonly direction: "higher" | "lower" },
  ): void {
    this.#plateau = plateauAfter(this.#plateau, measured, this.#config);
  }

  save(): JsonObject {
    return { ...this.#plateau };
  }

  restore(saved: JsonFields): void {
    this.#plateau = {
      factor: saved.number("factor"),
      best: saved.value.best === null ? null : saved.number("best"),
      waited: saved.integer("waited"),
    };
  }
}
