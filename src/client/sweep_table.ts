import type { ParallelAxis, ParallelLine } from "../drawing/parallel_coordinates.ts";
import { badnessOf, isSweepMetric } from "../jobs/sweep.ts";
import type { Sweep__Output } from "../protocol/generated/tinct/v1/sweep.ts";
import type { SweepTrial__Output } from "../protocol/generated/tinct/v1/sweep_trial.ts";
import type { SweepValue__Output } from "../protocol/generated/tinct/v1/sweep_value.ts";
import { memberOf } from "../protocol/one_of.ts";

/** The trials from the best to the worst: those that came furthest first, then those not measured. */
export function rankedTrials({ spec, trials }: Sweep__Output): SweepTrial__Output[] {
  const badness = badnessBy(spec?.metric);
  const isMeasured = ({ metricValue }: SweepTrial__Output) => metricValue !== undefined;
  return trials.toSorted((a, b) =>
    Number(isMeasured(b)) - Number(isMeasured(a)) || b.step - a.step ||
    badness(a.metricValue ?? 0) - badness(b.metricValue ?? 0) || a.trial - b.trial
  );
}

/** The trials as lines of text, the best first. */
export function sweepTable(sweep: Sweep__Output): string {
  const options = optionsOf(sweep);
  const metric = sweep.spec?.metric ?? "";
  const head = ["trial", ...options, "step", metric, "state", "job"];
  const rows = rankedTrials(sweep).map((trial) => [
    `${trial.trial}`,
    ...options.map((option) => shown(trial.values[option])),
    trial.step === 0 ? "" : `${trial.step}`,
    trial.metricValue === undefined ? "" : trial.metricValue.toPrecision(5),
    String(trial.state).replace("SWEEP_TRIAL_STATE_", "").toLowerCase(),
    trial.jobIds.at(-1) ?? "",
  ]);
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).join("\n");
}

/** How far a sweep is, in one line. */
export function sweepProgress(sweep: Sweep__Output): string {
  const count = (state: string) =>
    sweep.trials.filter((trial) => trial.state === `SWEEP_TRIAL_STATE_${state}`).length;
  const best = sweep.trials.find(({ trial }) => trial === sweep.bestTrial);
  const said = [
    `${count("MEASURED")} of ${sweep.trials.length} trials measured`,
    `${count("RUNNING")} running`,
  ];
  if (count("FAILED") > 0) said.push(`${count("FAILED")} failed`);
  if (best?.metricValue !== undefined) {
    const value = best.metricValue.toPrecision(5);
    said.push(`best: trial ${best.trial}, ${sweep.spec?.metric} ${value} at step ${best.step}`);
  }
  return said.join(", ");
}

/** The axes and lines of a sweep's picture: the options, then the metric. */
export function sweepLines(sweep: Sweep__Output): { axes: ParallelAxis[]; lines: ParallelLine[] } {
  const options = optionsOf(sweep);
  const metric = sweep.spec?.metric ?? "";
  const badness = badnessBy(metric);
  const all = sweep.trials.flatMap(({ metricValue }) =>
    metricValue === undefined ? [] : badness(metricValue)
  );
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const score = (value: number) => most > least ? (most - badness(value)) / (most - least) : 1;
  const ranges = new Map(
    sweep.spec?.parameters.map(({ option, range }) => [option, range?.logarithmic === true]),
  );
  return {
    axes: [
      ...options.map((name) => ({ name, logarithmic: ranges.get(name) === true })),
      { name: metric },
    ],
    lines: sweep.trials.map(({ values, metricValue }) => ({
      values: [
        ...options.map((option) => {
          const value = values[option];
          return value?.number ?? shown(value);
        }),
        metricValue,
      ],
      score: metricValue === undefined ? undefined : score(metricValue),
    })),
  };
}

/** By a metric that this version does not know more is better. */
function badnessBy(metric = ""): (value: number) => number {
  return isSweepMetric(metric) ? (value) => badnessOf(metric, value) : (value) => -value;
}

function optionsOf({ spec }: Sweep__Output): string[] {
  return spec?.parameters.map(({ option }) => option) ?? [];
}

function shown(value: SweepValue__Output | undefined): string {
  const member = value && memberOf(value, "value");
  return member === undefined ? "" : String(member.value);
}
