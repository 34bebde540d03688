import { RandomStream } from "../prepared/random_stream.ts";

/** A number and where it probably lies: the 95% confidence interval. */
export interface Estimate {
  readonly value: number;
  /** NaN where there are too few photos to say. */
  readonly low: number;
  readonly high: number;
}

/** How many times photos are drawn anew. */
export const resamples = 10_000;

/** A statistic of columns of numbers, one number a photo each: computed of the columns' means. */
export interface Statistic {
  /** The columns that it is made of, all of the same length. */
  readonly columns: readonly ArrayLike<number>[];
  readonly of: (means: readonly number[]) => number;
}

/**
 * 95% confidence intervals by the bootstrap (Efron, 1979), percentile method: photos are drawn with
 * replacement, as many as there are, and each statistic is computed anew; the interval leaves out the
 * lowest and the highest fortieth. All statistics see the same draws, so that of a difference between
 * two models on the same photos is a paired one. The same numbers give the same intervals.
 *
 * @throws RangeError when columns differ in length or are empty.
 */
export function bootstrap(statistics: readonly Statistic[]): Estimate[] {
  const count = statistics[0]?.columns[0]?.length ?? 0;
  for (const { columns } of statistics) {
    if (count > 0 && columns.every(({ length }) => length === count)) continue;
    throw new RangeError("The columns of a statistic are all of the same length, at least 1.");
  }
  const all = new Map<ArrayLike<number>, number>();
  for (const { columns } of statistics) {
    for (const column of columns) if (!all.has(column)) all.set(column, all.size);
  }
  const columns = [...all.keys()];
  const compute = (sums: Float64Array) =>
    statistics.map((statistic) =>
      statistic.of(statistic.columns.map((column) => sums[all.get(column)!]! / count))
    );
  const drawn = statistics.map(() => new Float64Array(resamples));
  const stream = new RandomStream(`tinct bootstrap ${count}`);
  const sums = new Float64Array(columns.length);
  for (let round = 0; round < resamples; round++) {
    sums.fill(0);
    for (let i = 0; i < count; i++) {
      const photo = stream.below(count);
      for (let c = 0; c < columns.length; c++) sums[c]! += columns[c]![photo]!;
    }
    compute(sums).forEach((value, index) => drawn[index]![round] = value);
  }
  columns.forEach((column, c) => sums[c] = Array.from(column).reduce((a, b) => a + b, 0));
  return compute(sums).map((value, index) => {
    const sorted = drawn[index]!.sort();
    if (count < 2) return { value, low: NaN, high: NaN };
    return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}

/** By linear interpolation between the two nearest values, as NumPy does. */
function quantile(sorted: Float64Array, part: number): number {
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const [a = NaN, b = a] = sorted.subarray(below, below + 2);
  return a + (place - below) * (b - a);
}
