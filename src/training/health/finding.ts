/** What is watched. */
const healthChecks = [
  "discriminator_winning",
  "gray_collapse",
  "loss_spike",
  "non_finite",
] as const;

/** One of `healthChecks`. */
type HealthCheck = typeof healthChecks[number];

/** Those that are found by looking at the course of finite numbers. */
export type WatchedCheck = Exclude<HealthCheck, "non_finite">;

/** Something unhealthy that was found, with the numbers that show it. */
export interface Finding<Check extends HealthCheck = HealthCheck> {
  readonly check: Check;
  /** The first step at which it showed: a checkpoint of an earlier step is from before it. */
  readonly since: number;
  /** What was found, as a sentence without its full stop: "loss_D stayed under 0.035 for 200 steps". */
  readonly what: string;
  /** By name, for metrics.jsonl and the job's log; "NaN" and "Infinity" are texts, as in JSON. */
  readonly numbers: Readonly<Record<string, number | string>>;
}

/** A number as a sentence shows it: a whole one as it is, others with three digits. */
export function shown(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6
    ? String(value)
    : String(Number(value.toPrecision(3)));
}
