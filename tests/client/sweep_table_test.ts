import assert from "assert";
import { rankedTrials, sweepLines } from "../../src/client/sweep_table.ts";
import type { Sweep__Output } from "../../src/protocol/generated/tinct/v1/sweep.ts";

/** A sweep whose trials came out with these values; undefined: not measured. */
function sweepOf(metric: string, values: readonly (number | undefined)[]): Sweep__Output {
  const trials = values.map((metricValue, trial) => ({
    trial,
    values: {},
    state: metricValue === undefined ? "SWEEP_TRIAL_STATE_FAILED" : "SWEEP_TRIAL_STATE_MEASURED",
    step: metricValue === undefined ? 0 : 10,
    jobIds: [`job-${trial}`],
    ...(metricValue !== undefined && { metricValue }),
  }));
  return { sweepId: "sweep", spec: { metric, parameters: [] }, trials } as unknown as Sweep__Output;
}

const orders: readonly [metric: string, order: number[], scores: (number | undefined)[]][] = [
  ["psnr_db", [2, 1, 0, 4, 3], [0.5, 0.8, 1, undefined, 0]],
  ["ab_error", [4, 0, 1, 2, 3], [0.5, 0.2, 0, undefined, 1]],
  ["colorfulness_ratio", [0, 1, 2, 4, 3], [1, 0.75, 0.5, undefined, 0]],
];

Deno.test("trials are ranked and drawn by what is better of their metric", () => {
  const values = { psnr_db: [20, 23, 25, undefined, 15], ab_error: [10, 13, 15, undefined, 5] };
  for (const [metric, order, scores] of orders) {
    const known: Readonly<Record<string, readonly (number | undefined)[]>> = values;
    const sweep = sweepOf(metric, known[metric] ?? [0.9, 1.3, 0.5, undefined, 1.9]);
    assert.deepEqual(rankedTrials(sweep).map(({ trial }) => trial), order, metric);
    const drawn = sweepLines(sweep).lines.map(({ score }) =>
      score === undefined ? undefined : Math.round(100 * score) / 100
    );
    assert.deepEqual(drawn, scores, metric);
  }
});
