import type { JsonFields } from "../../files/json_fields.ts";
import type { JsonObject } from "../../files/strict_json.ts";
import type { RunPart } from "../../runs/run_part.ts";
import { medianOf } from "../median.ts";

/** A number that is far above what it was. */
interface Spike {
  readonly value: number;
  /** The median of the numbers before it. */
  readonly median: number;
  /** What it was compared with: the factor times the median, or times the least scale. */
  readonly limit: number;
}

/** When a number counts as a spike. */
interface SpikeOptions {
  /** A spike is above so many times the median. */
  readonly factor: number;
  /** How many numbers the median is of; without as many there are no spikes. */
  readonly window: number;
  /** Stands for a median below it: so that what is small anyway may grow without alarm. */
  readonly leastScale: number;
}

/**
 * Tells of numbers far above the median of those just before: a median, unlike a mean, is not moved by
 * the spikes themselves. After one it is quiet for as many steps as the window has.
 */
export class SpikeWatch implements RunPart {
  readonly #options: SpikeOptions;
  /** The last ones, the oldest first. */
  #values: number[] = [];
  #quietUntil = 0;

  constructor(options: SpikeOptions) {
    this.#options = options;
  }

  add(step: number, value: number): Spike | undefined {
    const { factor, window, leastScale } = this.#options;
    let spike: Spike | undefined;
    if (this.#values.length === window && step >= this.#quietUntil && value > factor * leastScale) {
      const median = medianOf(this.#values);
      const limit = factor * Math.max(median, leastScale);
      if (value > limit) {
        spike = { value, median, limit };
        this.#quietUntil = step + window;
      }
    }
    this.#values.push(value);
    if (this.#values.length > window) this.#values.shift();
    return spike;
  }

  save(): JsonObject {
    return { values: [...this.#values], quietUntil: this.#quietUntil };
  }

  restore(saved: JsonFields): void {
    this.#values = saved.numbers("values").slice(-this.#options.window);
    this.#quietUntil = saved.integer("quietUntil");
  }
}
