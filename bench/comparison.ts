/** What one program measured of one thing. */
export interface Measurement {
  /** What was measured, such as `train_step`. */
  readonly name: string;
  readonly batch: number;
  readonly precision: string;
  /** The time of each repetition, milliseconds; at least one. */
  readonly ms: readonly number[];
}

/** What each program measured in one round, by the program's name. */
export type Round = ReadonlyMap<string, readonly Measurement[]>;

/** The most that a ratio may be. */
type Limit = Omit<Measurement, "ms"> & { readonly ratio: number };

/** Two programs beside each other in one measurement. */
export interface Comparison extends Omit<Measurement, "ms"> {
  /** The medians of all repetitions of all rounds, milliseconds. */
  readonly oursMs: number;
  readonly theirsMs: number;
  /** The median over the rounds of ours / theirs, each of the round's own medians. */
  readonly ratio: number;
  /** The lowest and the highest of those. */
  readonly spread: readonly [number, number];
  /** Undefined where there is no limit. */
  readonly limit: number | undefined;
}

/**
 * The limits for Tinct against PyTorch 2.15 in eager mode, channels_last, float32, and under
 * autocast to bfloat16.
 */
export const pytorchLimits: readonly Limit[] = [
  { name: "train_step", batch: 1, precision: "float32", ratio: 0.9 },
  { name: "train_step", batch: 4, precision: "float32", ratio: 0.9 },
  { name: "train_step", batch: 1, precision: "bfloat16", ratio: 0.75 },
  { name: "train_step", batch: 4, precision: "bfloat16", ratio: 0.75 },
  { name: "inference", batch: 1, precision: "float32", ratio: 0.85 },
  { name: "inference", batch: 4, precision: "float32", ratio: 1 },
  { name: "inference", batch: 1, precision: "bfloat16", ratio: 1 },
  { name: "inference", batch: 4, precision: "bfloat16", ratio: 1 },
  { name: "start_to_first_step", batch: 1, precision: "float32", ratio: 1 },
];

/**
 * Reads one line of a program's output; undefined where it is no JSON object.
 *
 * @throws TypeError where it is an object without the fields of a measurement.
 */
export function readMeasurement(line: string): Measurement | undefined {
  if (!line.startsWith("{")) return undefined;
  const value: Partial<Record<keyof Measurement, unknown>> = JSON.parse(line);
  const { name, batch, precision, ms } = value;
  const isTime = (time: unknown) => typeof time === "number" && time > 0;
  if (
    typeof name === "string" && typeof batch === "number" && typeof precision === "string" &&
    Array.isArray(ms) && ms.length > 0 && ms.every(isTime)
  ) return { name, batch, precision, ms };
  throw new TypeError(`No measurement with name, batch, precision and ms: ${line}`);
}

/**
 * Sets one program's measurements beside another's: whatever both measured, in the order of ours.
 * Machines get faster and slower while one looks, so only times of the same round are divided.
 */
export function compare(
  rounds: readonly Round[],
  ours: string,
  theirs: string,
  limits: readonly Limit[],
): Comparison[] {
  const measured = new Map(
    rounds.flatMap((round) => (round.get(ours) ?? []).map((m) => [keyOf(m), m] as const)),
  );
  return [...measured].flatMap(([key, { name, batch, precision }]) => {
    const times = (round: Round, program: string) =>
      (round.get(program) ?? []).filter((m) => keyOf(m) === key).flatMap(({ ms }) => ms);
    const pairs = rounds
      .map((round) => ({ ours: times(round, ours), theirs: times(round, theirs) }))
      .filter((pair) => pair.ours.length > 0 && pair.theirs.length > 0);
    if (pairs.length === 0) return [];
    const ratios = pairs.map((pair) => median(pair.ours) / median(pair.theirs));
    return [{
      name,
      batch,
      precision,
      oursMs: median(pairs.flatMap((pair) => pair.ours)),
      theirsMs: median(pairs.flatMap((pair) => pair.theirs)),
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)] as const,
      limit: limits.find((limit) => keyOf(limit) === key)?.ratio,
    }];
  });
}

/** Whether a comparison keeps its limit; true where there is none. */
export function withinLimit({ ratio, limit }: Comparison): boolean {
  return limit === undefined || ratio <= limit;
}

/** The comparisons as a table in Markdown. */
export function markdownTable(
  comparisons: readonly Comparison[],
  ours: string,
  theirs: string,
): string {
  const rows = comparisons.map((comparison) => {
    const { name, batch, precision, oursMs, theirsMs, ratio, spread, limit } = comparison;
    const verdict = limit === undefined
      ? ""
      : `${limit.toFixed(2)}: ${withinLimit(comparison) ? "kept" : "**missed**"}`;
    return [
      name,
      batch,
      precision,
      `${oursMs.toFixed(1)} ms`,
      `${theirsMs.toFixed(1)} ms`,
      ratio.toFixed(3),
      `${spread[0].toFixed(3)} to ${spread[1].toFixed(3)}`,
      verdict,
    ];
  });
  const head = ["what", "batch", "precision", ours, theirs, "ratio", "over the rounds", "at most"];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  if (low === undefined || high === undefined) throw new RangeError("No values, no median.");
  return (low + high) / 2;
}

function keyOf({ name, batch, precision }: Omit<Measurement, "ms">): string {
  return `${name} ${batch} ${precision}`;
}
