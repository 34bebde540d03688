import type { MetricDirection } from "../checkpoints/checkpoint_manifest.ts";
import type { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";
import type { RunPart } from "./run_part.ts";

/** The best value of a validation's metric so far, and how long ago it was. */
export class BestMeasure implements RunPart {
  readonly #direction: MetricDirection;
  #value: number | null = null;
  #validationsSince = 0;

  constructor(direction: MetricDirection) {
    this.#direction = direction;
  }

  /** How many validations there have been since the best one. */
  get validationsSince(): number {
    return this.#validationsSince;
  }

  /**
   * Takes a validation's value in.
   *
   * @param value one that is not finite is never the best.
   * @returns whether no earlier one was as good.
   */
  judge(value: number): boolean {
    const best = Number.isFinite(value) && (this.#value === null || this.#isBetter(value));
    if (best) this.#value = value;
    this.#validationsSince = best ? 0 : this.#validationsSince + 1;
    return best;
  }

  save(): JsonObject {
    return { value: this.#value, validationsSince: this.#validationsSince };
  }

  restore(saved: JsonFields): void {
    this.#value = saved.value.value === null ? null : saved.number("value");
    // Version 0.1.0 kept the value alone.
    this.#validationsSince = saved.has("validationsSince") ? saved.integer("validationsSince") : 0;
  }

  #isBetter(value: number): boolean {
    const best = this.#value ?? NaN;
    return this.#direction === "higher" ? value > best : value < best;
  }
}
