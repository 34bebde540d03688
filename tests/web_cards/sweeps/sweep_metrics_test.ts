import assert from "assert";
import { sweepMetrics as known } from "../../../src/jobs/sweep.ts";
import { sweepMetrics } from "../../../src/web_cards/sweeps/sweep_metrics.ts";

const words = {
  "higher": "higher is better",
  "lower": "lower is better",
  "near 1": "nearest to 1",
};

Deno.test("the form of a sweep offers every metric that the server compares trials by", () => {
  assert.deepEqual(sweepMetrics.map(([key]) => key).toSorted(), Object.keys(known).toSorted());
  for (const [key, text] of sweepMetrics) assert.ok(text.endsWith(`, ${words[known[key]]}`), text);
});
