/** A measured value and the training step it belongs to. */
export interface Point {
  step: number;
  value: number;
}

/** What lies in one column of a chart. */
export interface Bin {
  /** Mean step of the points in it. */
  step: number;
  mean: number;
  min: number;
  max: number;
}

/**
 * Gathers points into columns: as many as there are pixels, so that a chart of 100,000 steps costs no
 * more than one of 500. Where a value is not a number, not finite, or not above 0 when `positive` is
 * set, the line is broken.
 *
 * @param points in any order.
 * @param first the step at the left edge; `last` that at the right one.
 * @returns unbroken stretches, each of at least one bin, steps ascending.
 */
export function binPoints(
  points: readonly Point[],
  { first, last, columns, positive = false }: {
    first: number;
    last: number;
    columns: number;
    positive?: boolean;
  },
): Bin[][] {
  const ascending = points.every((point, i) => i === 0 || point.step >= (points[i - 1]?.step ?? 0));
  const ordered = ascending ? points : [...points].sort((a, b) => a.step - b.step);
  const stretches: Bin[][] = [];
  let stretch: Bin[] = [];
  let column = -1, count = 0;
  for (const { step, value } of ordered) {
    if (!Number.isFinite(step)) continue;
    if (!Number.isFinite(value) || (positive && value <= 0)) {
      stretch = [];
      column = -1;
      continue;
    }
    const at = last > first
      ? Math.min(columns - 1, Math.floor((step - first) / (last - first) * columns))
      : 0;
    const bin = stretch.at(-1);
    if (bin === undefined || at !== column) {
      if (stretch.length === 0) stretches.push(stretch);
      stretch.push({ step, mean: value, min: value, max: value });
      column = at;
      count = 1;
      continue;
    }
    count++;
    bin.step += (step - bin.step) / count;
    bin.mean += (value - bin.mean) / count;
    if (value < bin.min) bin.min = value;
    if (value > bin.max) bin.max = value;
  }
  return stretches;
}

/** The mean of each bin and its neighbours up to `reach` columns away, fewer at both ends. */
export function smoothed(bins: readonly Bin[], reach: number): number[] {
  const sums = [0];
  for (const { mean } of bins) sums.push((sums.at(-1) ?? 0) + mean);
  return bins.map((_, i) => {
    const from = Math.max(0, i - reach), to = Math.min(bins.length, i + reach + 1);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}
