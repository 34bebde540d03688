import type { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";
import type { Losses } from "./compiled_step.ts";
import type { RunPart } from "../runs/run_part.ts";
import { type LossName, lossNames } from "./step.ts";

/** The mean of the values since it was last reset. */
export class AverageMeter {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count++;
  }

  /** NaN while there are no values. */
  get mean(): number {
    return this.#sum / this.#count;
  }

  /** How many values there are. */
  get count(): number {
    return this.#count;
  }

  reset(): void {
    this.#sum = 0;
    this.#count = 0;
  }

  /** What a checkpoint keeps, so that a resumed run's means are those of one that never stopped. */
  save(): [sum: number, count: number] {
    return [this.#sum, this.#count];
  }

  restore([sum, count]: readonly [number, number]): void {
    this.#sum = sum;
    this.#count = count;
  }
}

/** A meter for each loss. */
export class LossMeters implements RunPart {
  readonly #meters: Readonly<Record<LossName, AverageMeter>> = Object.fromEntries(
    lossNames.map((name) => [name, new AverageMeter()]),
  ) as Record<LossName, AverageMeter>;

  /** Takes the losses that a step had in; each one's mean is over the steps that had it. */
  add(losses: Losses): void {
    for (const name of lossNames) {
      const value = losses[name];
      if (value !== undefined) this.#meters[name].add(value);
    }
  }

  /** The means since the last reset; a loss that no step has had since is absent. */
  means(): Losses {
    return Object.fromEntries(
      lossNames.filter((name) => this.#meters[name].count > 0)
        .map((name) => [name, this.#meters[name].mean]),
    );
  }

  reset(): void {
    for (const name of lossNames) this.#meters[name].reset();
  }

  save(): JsonObject {
    return Object.fromEntries(lossNames.map((name) => [name, this.#meters[name].save()]));
  }

  restore(saved: JsonFields): void {
    for (const name of lossNames) {
      // A checkpoint of an earlier version does not know the newer losses.
      const [sum, count] = saved.has(name) ? saved.numbers(name) : [];
      this.#meters[name].restore([sum ?? 0, count ?? 0]);
    }
  }
}
