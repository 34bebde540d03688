import assert from "assert";
import { bestRun, nextRun, rungSteps } from "../../src/sweeps/halving.ts";
import type { SweepRun } from "../../src/jobs/sweep.ts";
import { measured, smallSpec } from "./small_spec.ts";

const halving = { minSteps: 10, maxSteps: 90, reductionFactor: 3 };
const spec = { ...smallSpec, halving };

Deno.test("rungs grow by the factor up to the last one", () => {
  assert.deepEqual(rungSteps(halving), [10, 30, 90]);
  assert.deepEqual(rungSteps({ ...halving, maxSteps: 100 }), [10, 30, 90, 100]);
  assert.deepEqual(rungSteps({ minSteps: 5, maxSteps: 6, reductionFactor: 16 }), [5, 6]);
});

Deno.test("without halving every trial is begun once", () => {
  const runs: SweepRun[] = [];
  for (let trial = 0; trial < 3; trial++) {
    assert.deepEqual(nextRun(smallSpec, 3, runs), { trial, rung: 0, from: undefined });
    runs.push(measured(trial, 0, trial));
  }
  assert.equal(nextRun(smallSpec, 3, runs), undefined);
});

Deno.test("the best third of a rung goes on as soon as there is one, from the highest rung down", () => {
  const runs = [measured(0, 0, 20), measured(1, 0, 25)];
  assert.deepEqual(nextRun(spec, 9, runs), { trial: 2, rung: 0, from: undefined });
  runs.push(measured(2, 0, 22));
  assert.deepEqual(nextRun(spec, 9, runs), { trial: 1, rung: 1, from: runs[1] });
  runs.push({ ...measured(1, 1, 0), outcome: undefined, value: undefined, step: undefined });
  assert.deepEqual(nextRun(spec, 9, runs), { trial: 3, rung: 0, from: undefined });
  // Six measured: the best two go on, of which one already has.
  runs.push(measured(3, 0, 10), measured(4, 0, 24), measured(5, 0, 11));
  assert.equal(nextRun(spec, 9, runs)?.trial, 4);
  runs[3] = measured(1, 1, 26);
  runs.push(measured(4, 1, 27), measured(6, 0, 1), measured(7, 0, 2), measured(8, 0, 23.5));
  assert.equal(nextRun(spec, 9, runs)?.trial, 8, "the third of nine");
  runs.push(measured(8, 1, 25));
  assert.deepEqual(nextRun(spec, 9, runs), { trial: 4, rung: 2, from: runs[7] });
  runs.push(measured(4, 2, 30));
  assert.equal(nextRun(spec, 9, runs), undefined);
  assert.equal(bestRun(spec, runs)?.trial, 4);
});

Deno.test("a measure of which less is better picks the smallest; failed runs never go on", () => {
  const runs: SweepRun[] = [
    { ...measured(0, 0, 0), outcome: "failed", value: undefined, step: undefined },
    measured(1, 0, 9),
    measured(2, 0, 7),
    measured(3, 0, 8),
  ];
  assert.equal(nextRun({ ...spec, metric: "ab_error" }, 4, runs)?.trial, 2);
  assert.equal(bestRun({ metric: "ab_error" }, runs)?.trial, 2);
  assert.equal(bestRun({ metric: "psnr_db" }, runs)?.trial, 1);
  assert.equal(bestRun(spec, runs.slice(0, 1)), undefined);
});

Deno.test("of colourfulness ratios the nearest to 1 is the best, on either side", () => {
  const runs = [measured(0, 0, 0.7), measured(1, 0, 1.2), measured(2, 0, 1.4), measured(3, 0, 0)];
  const metric = "colorfulness_ratio";
  assert.equal(bestRun({ metric }, runs)?.trial, 1);
  assert.equal(bestRun({ metric }, [...runs, measured(4, 0, 0.9)])?.trial, 4);
  assert.equal(nextRun({ ...spec, metric }, 4, runs)?.trial, 1);
});

Deno.test("the best is sought where trials came furthest", () => {
  const runs = [measured(0, 0, 30), measured(1, 0, 40), measured(1, 1, 20)];
  assert.deepEqual(bestRun(spec, runs), runs[2]);
});
