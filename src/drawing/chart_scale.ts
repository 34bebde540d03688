/** An axis: values from `low`, the smaller, to `high`, evenly or by their logarithm. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  /** Values to mark, ascending, each within the axis. */
  readonly ticks: readonly number[];
}

/** Where a value lies on an axis: 0 at `low`, 1 at `high`. */
export function positionOn({ low, high, log }: Scale, value: number): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/**
 * An even axis that holds all values, its ends on ticks at 1, 2 or 5 times a power of ten. It begins at
 * 0 where that costs little room.
 *
 * @param count about how many ticks there are.
 */
export function linearScale(min: number, max: number, count: number): Scale {
  if (min > 0 && min < 0.4 * max) min = 0;
  if (!(max > min)) {
    const room = Math.abs(min) / 2 || 1;
    [min, max] = [min - room, max + room];
  }
  const step = niceAbove((max - min) / count);
  const first = Math.floor(min / step + 1e-9), last = Math.ceil(max / step - 1e-9);
  // From whole multiples, so that 3 * 0.1 does not become 0.30000000000000004 further along.
  const ticks = Array.from(
    { length: last - first + 1 },
    (_, i) => Number(((first + i) * step).toPrecision(12)),
  );
  return { low: ticks[0] ?? min, high: ticks.at(-1) ?? max, log: false, ticks };
}

/** An axis from the first to the last step, ticks only within it; from 0 where that is near. */
export function stepScale(first: number, last: number, count: number): Scale {
  if (last <= first) return { low: first - 0.5, high: first + 0.5, log: false, ticks: [first] };
  const low = first > 0 && first <= 0.05 * last ? 0 : first;
  const { ticks } = linearScale(low, last, count);
  const within = ticks.filter((tick) => tick >= low && tick <= last && Number.isInteger(tick));
  return { low, high: last, log: false, ticks: within };
}

/** A logarithmic axis that holds all values, which are greater than 0: ticks at 1, 2 and 5, or at 1. */
export function logScale(min: number, max: number): Scale {
  const low = niceBelow(min), high = niceAbove(max > low ? max : low * 1.01);
  const decades = Math.log10(high / low);
  const multiples = decades > 3 ? [1] : [1, 2, 5];
  const stride = Math.max(1, Math.ceil(decades / 8));
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.log10(high) + 1; power++) {
    if (power % stride !== 0) continue;
    for (const multiple of multiples) {
      const tick = Number((multiple * 10 ** power).toPrecision(12));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return { low, high, log: true, ticks };
}

/** The smallest of 1, 2, 5, 10, 20 … (or 0.5, 0.2, 0.1 …) that is at least this; it is above 0. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(12));
}

/** The largest of those that is at most this. */
function niceBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [5, 2, 1].find((candidate) => candidate * power <= value * (1 + 1e-9)) ?? 1;
  return Number((factor * power).toPrecision(12));
}

/** The ticks as text: 0.25, 12, 1.5k, 2M, 1e−5; on an even axis all with as many decimals. */
export function formatTicks({ ticks, log }: Scale): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const decimals = Math.max(0, ...ticks.map((tick) => decimalsOf(tick / unitOf(largest)[0])));
  return ticks.map((tick) => {
    const size = log ? Math.abs(tick) : largest;
    if (size >= 1e9 || size < 1e-3) {
      return tick === 0 ? "0" : minus(tick.toExponential().replace("e+", "e"));
    }
    const [unit, suffix] = unitOf(size);
    const digits = log ? decimalsOf(tick / unit) : decimals;
    return minus(`${(tick / unit).toFixed(digits)}${tick === 0 ? "" : suffix}`);
  });
}

/** What a number of this size is counted in, and that unit's letter. */
function unitOf(size: number): [number, string] {
  if (size >= 1e6) return [1e6, "M"];
  return size >= 1e4 ? [1e3, "k"] : [1, ""];
}

/** How many decimals a number has, of the twelve digits that count. */
function decimalsOf(value: number): number {
  return `${Number(value.toPrecision(12))}`.split(".")[1]?.length ?? 0;
}

/** With the minus sign of typography, which is as wide as a plus. */
function minus(text: string): string {
  return text.replaceAll("-", "\u2212");
}
