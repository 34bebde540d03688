import type { JsonFields } from "../../files/json_fields.ts";
import type { JsonObject } from "../../files/strict_json.ts";
import type { RunPart } from "../../runs/run_part.ts";

/** A number that has stayed low. */
interface Streak {
  /** The step of the first low one. */
  readonly since: number;
  /** The mean of the low ones. */
  readonly mean: number;
}

/**
 * Tells once when a number has been below a floor so many times in a row, and again only after it has
 * been at the floor or above it.
 */
export class StreakWatch implements RunPart {
  readonly #floor: number;
  readonly #length: number;
  #count = 0;
  #since = 0;
  #sum = 0;

  /** @param length how many in a row, from 1. */
  constructor({ floor, length }: { readonly floor: number; readonly length: number }) {
    this.#floor = floor;
    this.#length = length;
  }

  /** @returns the streak when this number makes it long enough. */
  add(step: number, value: number): Streak | undefined {
    if (!(value < this.#floor)) {
      this.#count = this.#sum = 0;
      return undefined;
    }
    if (this.#count === 0) this.#since = step;
    this.#count++;
    this.#sum += value;
    if (this.#count !== this.#length) return undefined;
    return { since: this.#since, mean: this.#sum / this.#count };
  }

  save(): JsonObject {
    return { count: this.#count, since: this.#since, sum: this.#sum };
  }

  restore(saved: JsonFields): void {
    this.#count = saved.integer("count");
    this.#since = saved.integer("since");
    this.#sum = saved.number("sum");
  }
}
