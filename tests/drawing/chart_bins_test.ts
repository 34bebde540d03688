import assert from "assert";
import { binPoints, smoothed } from "../../src/drawing/chart_bins.ts";

const at = (values: number[]) => values.map((value, step) => ({ step, value }));

Deno.test("binPoints() keeps the least, greatest and mean value of every column", () => {
  const points = Array.from({ length: 100_000 }, (_, step) => ({ step, value: step % 100 }));
  const [bins = [], ...others] = binPoints(points, { first: 0, last: 99_999, columns: 500 });
  assert.equal(others.length, 0);
  assert.equal(bins.length, 500);
  for (const { min, max, mean } of bins) {
    assert.deepEqual([min, max], [0, 99]);
    assert.ok(Math.abs(mean - 49.5) < 0.5, `${mean}`);
  }
  assert.ok(Math.abs((bins[0]?.step ?? 0) - 99.5) < 1);
  assert.ok(Math.abs((bins[499]?.step ?? 0) - 99_899.5) < 1);
});

Deno.test("binPoints() leaves few points as they are", () => {
  const [bins] = binPoints(at([5, 7, 6]), { first: 0, last: 2, columns: 300 });
  assert.deepEqual(bins, [
    { step: 0, mean: 5, min: 5, max: 5 },
    { step: 1, mean: 7, min: 7, max: 7 },
    { step: 2, mean: 6, min: 6, max: 6 },
  ]);
  const single = binPoints([{ step: 4, value: 1 }], { first: 4, last: 4, columns: 300 });
  assert.deepEqual(single, [[{ step: 4, mean: 1, min: 1, max: 1 }]]);
  assert.deepEqual(binPoints([], { first: 0, last: 1, columns: 9 }), []);
});

Deno.test("binPoints() breaks the line where a value is not finite, or not positive if it must be", () => {
  const points = at([1, 2, NaN, 3, Infinity, -4, 5]);
  const steps = (positive: boolean) =>
    binPoints(points, { first: 0, last: 6, columns: 100, positive })
      .map((bins) => bins.map(({ step }) => step));
  assert.deepEqual(steps(false), [[0, 1], [3], [5, 6]]);
  assert.deepEqual(steps(true), [[0, 1], [3], [6]]);
});

Deno.test("binPoints() puts points in order without touching the caller's", () => {
  const points = [{ step: 2, value: 20 }, { step: 1, value: 10 }];
  const [bins] = binPoints(points, { first: 1, last: 2, columns: 10 });
  assert.deepEqual(bins?.map(({ mean }) => mean), [10, 20]);
  assert.equal(points[0]?.step, 2);
});

Deno.test("smoothed() averages neighbours, fewer at the ends", () => {
  const [bins = []] = binPoints(at([0, 3, 6, 9, 12]), { first: 0, last: 4, columns: 50 });
  assert.deepEqual(smoothed(bins, 1), [1.5, 3, 6, 9, 10.5]);
  assert.deepEqual(smoothed(bins, 0), [0, 3, 6, 9, 12]);
  assert.deepEqual(smoothed(bins, 9), [6, 6, 6, 6, 6]);
});
