/** One thing that was measured, beside its limit. */
export interface Verdict {
  readonly name: string;
  readonly measured: string;
  /** Undefined where it has none, and is told to explain others. */
  readonly limit?: string;
  readonly ok?: boolean;
}

/** Measured against the most, or the least, that it may be. */
export function judge(
  name: string,
  value: number,
  { atMost, atLeast, unit, digits = 1 }: {
    readonly atMost?: number;
    readonly atLeast?: number;
    readonly unit: string;
    readonly digits?: number;
  },
): Verdict {
  const said = (number: number) => `${number.toFixed(digits)} ${unit}`;
  if (atLeast !== undefined) {
    return { name, measured: said(value), limit: `>= ${said(atLeast)}`, ok: value >= atLeast };
  }
  if (atMost === undefined) return { name, measured: said(value) };
  return { name, measured: said(value), limit: `<= ${said(atMost)}`, ok: value <= atMost };
}

/** The value that so much of the sorted values lies at or under, 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}

/** The middle one of values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half] ?? NaN
    : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/** A line for a person. */
export function line({ name, measured, limit, ok }: Verdict): string {
  const verdict = ok === undefined ? "" : ok ? "ok" : "NOT OK";
  return `${name.padEnd(62)} ${measured.padStart(12)}  ${(limit ?? "").padEnd(12)} ${verdict}`
    .trimEnd();
}
