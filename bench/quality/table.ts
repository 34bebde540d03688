import type { Measures, Result } from "./results.ts";

/** The 97.5% point of Student's t by degrees of freedom, from 1. */
const studentT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** What the tables show, with the digits behind the point. */
const columns: readonly (readonly [measure: string, head: string, digits: number])[] = [
  ["psnr", "PSNR, dB", 2],
  ["ssim", "SSIM", 3],
  ["deltaE2000", "ΔE2000", 2],
  ["abError", "ab error", 2],
  ["colorfulnessRatio", "colourfulness ratio", 3],
  ["vividDeltaE2000", "vivid ΔE2000", 2],
];

/** A mean and half of its 95% confidence interval, by Student's t; NaN for a single value. */
interface Interval {
  readonly mean: number;
  readonly half: number;
}

/** @param values at least one. */
export function interval(values: readonly number[]): Interval {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  const t = studentT[values.length - 2] ?? 2;
  return { mean, half: t * deviation / Math.sqrt(values.length) };
}

/**
 * Differences from another row, each between trainings of the same seed: what seeds have in common
 * (their scenes and draws) does not widen the interval.
 */
export function pairedInterval(
  results: readonly Result[],
  others: readonly Result[],
  measure: string,
): Interval | undefined {
  const differences = results.flatMap((result) => {
    const other = others.find(({ seed }) => seed === result.seed);
    return other === undefined ? [] : [
      measureOf(result.measures, measure) -
      measureOf(other.measures, measure),
    ];
  });
  return differences.length === 0 ? undefined : interval(differences);
}

/** A table in Markdown: a row for each name, with the processor's time of a training. */
export function measuresTable(results: ReadonlyMap<string, readonly Result[]>): string {
  const lines = [...results].filter(([, made]) => made.length > 0).map(([name, made]) => [
    name,
    `${made.length}`,
    ...columns.map(([measure, , digits]) =>
      shown(interval(made.map(({ measures }) => measureOf(measures, measure))), digits)
    ),
    interval(made.map(({ cpuSeconds }) => cpuSeconds)).mean.toFixed(0),
  ]);
  return markdown(["", "seeds", ...columns.map(([, head]) => head), "processor, s"], lines);
}

/** A table in Markdown: what each row changes of the one that it is compared with. */
export function differencesTable(
  results: ReadonlyMap<string, readonly Result[]>,
  againstOf: (name: string) => string | undefined,
): string {
  const lines = [...results].flatMap(([name, made]) => {
    const against = againstOf(name);
    const others = results.get(against ?? "") ?? [];
    const cells = columns.map(([measure, , digits]) => {
      const difference = pairedInterval(made, others, measure);
      return difference && signed(difference, digits);
    });
    return cells.includes(undefined) ? [] : [[`${name} - ${against}`, ...cells.map(String)]];
  });
  return markdown(["", ...columns.map(([, head]) => head)], lines);
}

/** A table in Markdown: rows that take hints, by how many they were given. */
export function hintsTable(results: ReadonlyMap<string, readonly Result[]>): string {
  const measures = ["psnr", "deltaE2000", "abError", "hintError"];
  const lines = [...results].flatMap(([name, made]) => {
    const counts = Object.keys(made[0]?.hinted ?? {});
    return counts.map((count) => [
      name,
      count,
      ...measures.map((measure) =>
        shown(interval(made.map(({ hinted }) => measureOf(hinted?.[count], measure))), 2)
      ),
    ]);
  });
  if (lines.length === 0) return "";
  return markdown(["", "hints", "PSNR, dB", "ΔE2000", "ab error", "error at hints"], lines);
}

function measureOf(measures: Measures | undefined, measure: string): number {
  return measures?.[measure] ?? NaN;
}

function shown({ mean, half }: Interval, digits: number): string {
  return Number.isNaN(half)
    ? mean.toFixed(digits)
    : `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

function signed({ mean, half }: Interval, digits: number): string {
  return `${mean > 0 ? "+" : ""}${shown({ mean, half }, digits)}`;
}

function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...lines].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
