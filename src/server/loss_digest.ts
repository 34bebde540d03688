import type { JobEvent } from "../jobs/job_event.ts";
import { timestampOf } from "../protocol/times.ts";
import type { LossHistory } from "../protocol/generated/tinct/v1/loss_history.ts";
import type { LossSeries } from "../protocol/generated/tinct/v1/loss_series.ts";

/** The quantities of a losses event, by their fields in the protos and in its payload. */
const quantities = [
  ["loss_d_fake", "lossDFake"],
  ["loss_d_real", "lossDReal"],
  ["loss_d", "lossD"],
  ["loss_g_gan", "lossGGan"],
  ["loss_g_l1", "lossGL1"],
  ["loss_g", "lossG"],
  ["lr_g", "lrG"],
  ["lr_d", "lrD"],
  ["images_per_second", "imagesPerSecond"],
  ["loss_d_gp", "lossDGp"],
  ["loss_g_color", "lossGColor"],
  ["loss_g_hint", "lossGHint"],
  ["loss_g_perceptual", "lossGPerceptual"],
] as const;

/** Numbers of a quantity in a point: events with a value, their sum, the least, the greatest. */
const NUMBERS = 4;

/** The most points of a digest; at twice as many it halves them. */
const MOST_POINTS = 10_000;

/** Losses events that follow one another. */
interface Point {
  events: number;
  step: number;
  epoch: number;
  timeMs: number;
  readonly attempt: number;
  /** `NUMBERS` for each of `quantities`. */
  readonly numbers: Float64Array;
}

/**
 * Any number of losses events as few points of about as many events each. A point has the least and
 * the greatest value of each quantity, so nothing that stands out is lost, and none stands for events
 * of two attempts, whose steps repeat one another. It grows with the job.
 */
export class LossDigest {
  #points: Point[] = [];
  #startMs: number | undefined;
  #eventsAPoint = 1;
  #events = 0;

  /** Adds a job's next losses event. */
  add({ timeMs, attempt, payload }: Extract<JobEvent, { kind: "losses" }>): void {
    this.#startMs ??= timeMs;
    this.#events++;
    let point = this.#points.at(-1);
    if (!point || point.events >= this.#eventsAPoint || point.attempt !== attempt) {
      if (this.#points.length >= 2 * MOST_POINTS) {
        this.#points = merge(this.#points, 2);
        this.#eventsAPoint *= 2;
      }
      point = { events: 0, step: 0, epoch: 0, timeMs, attempt, numbers: emptyNumbers() };
      this.#points.push(point);
    }
    point.events++;
    point.step = payload.step ?? 0;
    point.epoch = payload.epoch ?? 0;
    point.timeMs = timeMs;
    quantities.forEach(([, key], index) => {
      const value = payload[key];
      if (value !== undefined) addValue(point.numbers, index * NUMBERS, 1, value, value, value);
    });
  }

  /** @param maxPoints at most so many, but for one more an attempt; undefined: there were no losses. */
  history(maxPoints: number): LossHistory | undefined {
    const startMs = this.#startMs;
    if (startMs === undefined) return undefined;
    const points = merge(this.#points, Math.ceil(this.#points.length / maxPoints));
    return {
      events: this.#events,
      startTime: timestampOf(startMs),
      steps: points.map(({ step }) => step),
      epochs: points.map(({ epoch }) => rounded(epoch)),
      seconds: points.map(({ timeMs }) => (timeMs - startMs) / 1000),
      series: quantities.flatMap(([name], index) => seriesOf(name, index * NUMBERS, points)),
    };
  }
}

/** One quantity of the points that have it. */
function seriesOf(name: string, at: number, points: readonly Point[]): LossSeries[] {
  const present = points.flatMap(({ numbers }, index) => (numbers[at] ?? 0) > 0 ? [index] : []);
  if (present.length === 0) return [];
  const column = (offset: number) =>
    present.map((index) => points[index]?.numbers[at + offset] ?? 0);
  const counts = column(0);
  const means = column(1).map((sum, index) => rounded(sum / (counts[index] ?? 1)));
  const isSingle = counts.every((count) => count === 1);
  return [{
    name,
    points: present.length === points.length ? [] : present,
    means,
    least: isSingle ? [] : column(2).map(rounded),
    greatest: isSingle ? [] : column(3).map(rounded),
  }];
}

/** Joins each `times` points that follow one another and are of one attempt. */
function merge(points: readonly Point[], times: number): Point[] {
  if (times <= 1) return [...points];
  const merged: Point[] = [];
  let joined = 0;
  for (const point of points) {
    const last = merged.at(-1);
    if (!last || joined >= times || last.attempt !== point.attempt) {
      merged.push({ ...point, numbers: point.numbers.slice() });
      joined = 1;
      continue;
    }
    joined++;
    last.events += point.events;
    last.step = point.step;
    last.epoch = point.epoch;
    last.timeMs = point.timeMs;
    for (let at = 0; at < point.numbers.length; at += NUMBERS) {
      const [count = 0, sum = 0, least = 0, greatest = 0] = point.numbers.subarray(
        at,
        at + NUMBERS,
      );
      if (count > 0) addValue(last.numbers, at, count, sum, least, greatest);
    }
  }
  return merged;
}

function addValue(
  numbers: Float64Array,
  at: number,
  count: number,
  sum: number,
  least: number,
  greatest: number,
): void {
  numbers[at] = (numbers[at] ?? 0) + count;
  numbers[at + 1] = (numbers[at + 1] ?? 0) + sum;
  numbers[at + 2] = Math.min(numbers[at + 2] ?? least, least);
  numbers[at + 3] = Math.max(numbers[at + 3] ?? greatest, greatest);
}

function emptyNumbers(): Float64Array {
  const numbers = new Float64Array(quantities.length * NUMBERS);
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    numbers[at + 2] = Infinity;
    numbers[at + 3] = -Infinity;
  }
  return numbers;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
