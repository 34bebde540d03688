import type { JobEvent, Losses, LossHistory } from "../contract/messages.ts";
import { num } from "../words.ts";

/** At so many points, two and two become one. */
const MOST_POINTS = 6000;

/** The quantities of a losses event: the field in the protos, in JSON, and the command line's word. */
export const quantities = [
  ["loss_d_fake", "lossDFake", "loss_D_fake"],
  ["loss_d_real", "lossDReal", "loss_D_real"],
  ["loss_d", "lossD", "loss_D"],
  ["loss_g_gan", "lossGGan", "loss_G_GAN"],
  ["loss_g_l1", "lossGL1", "loss_G_L1"],
  ["loss_g", "lossG", "loss_G"],
  ["lr_g", "lrG", "lrG"],
  ["lr_d", "lrD", "lrD"],
  ["images_per_second", "imagesPerSecond", "images/s"],
  ["loss_d_gp", "lossDGp", "loss_D_GP"],
  ["loss_g_color", "lossGColor", "loss_G_color"],
  ["loss_g_hint", "lossGHint", "loss_G_hint"],
  ["loss_g_perceptual", "lossGPerceptual", "loss_G_perceptual"],
] as const;

/** The field of a quantity in the protos. */
export type Quantity = (typeof quantities)[number][0];

/** One quantity, a value a point: its mean, and the least and the greatest of the point's steps. */
interface Column {
  mean: (number | null)[];
  least: (number | null)[];
  greatest: (number | null)[];
}

/** A job's losses as they came, thinned so that each point keeps its extremes. */
export class Curves {
  steps: number[] = [];
  epochs: number[] = [];
  timesMs: number[] = [];
  readonly columns = new Map<Quantity, Column>();

  /** Takes what the server has of the past. */
  addHistory(history: LossHistory): void {
    const { steps = [], epochs = [], seconds = [], series = [] } = history;
    const startMs = new Date(history.startTime ?? 0).getTime();
    const columns = series.map(({ name, points = [], means = [], least = [], greatest = [] }) => {
      const at = (values: readonly number[]) =>
        points.length === 0 ? values : scattered(values, points, steps.length);
      const mean = at(means);
      const of = (values: readonly number[]) => values.length === 0 ? mean : at(values);
      return { name: name as Quantity, mean, least: of(least), greatest: of(greatest) };
    });
    steps.forEach((step, index) => {
      this.#begin(num(step), epochs[index] ?? 0, startMs + 1000 * (seconds[index] ?? 0));
      for (const { name, mean, least, greatest } of columns) {
        this.#set(name, mean[index] ?? null, least[index] ?? null, greatest[index] ?? null);
      }
    });
    this.#thin();
  }

  /** Takes a live event. */
  addLosses(losses: Losses, { time }: JobEvent): void {
    this.#begin(num(losses.step), losses.epoch ?? 0, new Date(time ?? 0).getTime());
    for (const [name, key] of quantities) {
      const value = losses[key] ?? null;
      if (value !== null || this.columns.has(name)) this.#set(name, value, value, value);
    }
    this.#thin();
  }

  /** The newest value of a quantity. */
  newest(name: Quantity): number | undefined {
    return this.columns.get(name)?.mean.findLast((value) => value !== null) ?? undefined;
  }

  /** Begins a point; what another attempt repeats is taken back. */
  #begin(step: number, epoch: number, timeMs: number): void {
    while (this.steps.length > 0 && (this.steps.at(-1) ?? 0) >= step) {
      this.steps.pop();
      this.epochs.pop();
      this.timesMs.pop();
      for (const column of this.columns.values()) {
        for (const values of [column.mean, column.least, column.greatest]) {
          values.length = Math.min(values.length, this.steps.length);
        }
      }
    }
    this.steps.push(step);
    this.epochs.push(epoch);
    this.timesMs.push(timeMs);
  }

  #set(name: Quantity, mean: number | null, least: number | null, greatest: number | null): void {
    const column = this.columns.get(name) ?? { mean: [], least: [], greatest: [] };
    this.columns.set(name, column);
    const last = this.steps.length - 1;
    for (const values of [column.mean, column.least, column.greatest]) {
      while (values.length < last) values.push(null);
    }
    column.mean[last] = mean;
    column.least[last] = least;
    column.greatest[last] = greatest;
  }

  #thin(): void {
    if (this.steps.length <= MOST_POINTS) return;
    const odd = <Value>(values: readonly Value[]) => values.filter((_, index) => index % 2 === 1);
    const pairs = (
      values: readonly (number | null)[],
      join: (a: number, b: number) => number,
    ): (number | null)[] =>
      Array.from({ length: this.steps.length >> 1 }, (_, index) => {
        const [a, b] = [values[2 * index] ?? null, values[2 * index + 1] ?? null];
        return a === null || b === null ? a ?? b : join(a, b);
      });
    for (const column of this.columns.values()) {
      column.mean = pairs(column.mean, (a, b) => (a + b) / 2);
      column.least = pairs(column.least, Math.min);
      column.greatest = pairs(column.greatest, Math.max);
    }
    this.steps = odd(this.steps);
    this.epochs = odd(this.epochs);
    this.timesMs = odd(this.timesMs);
  }
}

function scattered(
  values: readonly number[],
  points: readonly number[],
  length: number,
): number[] {
  const all: number[] = new Array(length);
  points.forEach((point, index) => {
    const value = values[index];
    if (value !== undefined) all[point] = value;
  });
  return all;
}

/**
 * An exponential moving average without the pull towards its start (bias-corrected).
 *
 * @param weight of what was before, from 0 (the values themselves) to less than 1.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [mean, share] = [0, 1];
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    share *= weight;
    return mean / (1 - share);
  });
}
