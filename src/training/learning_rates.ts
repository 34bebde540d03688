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

/** The learning rates of one step. */
export interface Rates {
  readonly lrG: number;
  readonly lrD: number;
}

/** The learning rates of a run: both follow its schedule by the same factor. */
export class LearningRates implements RunPart {
  readonly #config: ScheduleConfig & Pick<TrainingConfig, "lrG" | "lrD">;
  readonly #length: RunLength;
  #plateau: PlateauState = freshPlateau;

  constructor(config: ScheduleConfig & Pick<TrainingConfig, "lrG" | "lrD">, length: RunLength) {
    this.#config = config;
    this.#length = length;
  }

  /** @param step counted from 1. */
  at(step: number): Rates {
    const factor = rateFactor(step, this.#length, this.#config, this.#plateau);
    return { lrG: this.#config.lrG * factor, lrD: this.#config.lrD * factor };
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
