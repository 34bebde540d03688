import type { JsonFields } from "../checkpoints/json_fields.ts";
import type { JsonObject } from "../checkpoints/strict_json.ts";
import type { RunPart } from "./run_part.ts";

/** The best value of a validation's measure so far, of those of which more is better. */
export class BestMeasure implements RunPart {
  #value: number | null = null;

  /** Takes a validation's value in; returns whether no earlier one was as good. */
  judge(value: number): boolean {
    const best = this.#value === null || value > this.#value;
    if (best) this.#value = value;
    return best;
  }

  save(): JsonObject {
    return { value: this.#value };
  }

  restore(saved: JsonFields): void {
    this.#value = saved.value.value === null ? null : saved.number("value");
  }
}
