import assert from "assert";
import { Pace } from "../../src/training/pace.ts";

Deno.test("the pace is that of the steps after the first, which traces", () => {
  let nowMs = 0;
  const pace = new Pace(4, () => nowMs);
  const step = (durationMs: number, stepsLeft: number) => {
    pace.resume();
    nowMs += durationMs;
    return pace.mark(stepsLeft);
  };
  assert.deepEqual(step(2000, 10), { imagesPerSecond: 2, secondsLeft: 20 });
  assert.deepEqual(step(100, 9), { imagesPerSecond: 40, secondsLeft: 0.9 });
  nowMs += 5000; // a validation
  assert.deepEqual(step(300, 8), { imagesPerSecond: 20, secondsLeft: 1.6 });
});

Deno.test("the pace forgets steps of long ago", () => {
  let nowMs = 0;
  const pace = new Pace(1, () => nowMs);
  let imagesPerSecond = 0;
  for (let index = 0; index < 200; index++) {
    pace.resume();
    nowMs += index < 100 ? 1000 : 100;
    ({ imagesPerSecond } = pace.mark(0));
  }
  assert.ok(Math.abs(imagesPerSecond - 10) < 1e-9);
});
