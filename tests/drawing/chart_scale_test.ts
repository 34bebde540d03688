import assert from "assert";
import {
  formatTicks,
  linearScale,
  logScale,
  positionOn,
  stepScale,
} from "../../src/drawing/chart_scale.ts";

Deno.test("linearScale() puts ticks at 1, 2 or 5 times a power of ten, around all values", () => {
  assert.deepEqual(linearScale(0.12, 0.87, 5).ticks, [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linearScale(23.1, 24.9, 4).ticks, [23, 23.5, 24, 24.5, 25]);
  assert.deepEqual(linearScale(-3, 14, 4).ticks, [-5, 0, 5, 10, 15]);
  assert.deepEqual(linearScale(1e-6, 9e-6, 5).ticks, [0, 2e-6, 4e-6, 6e-6, 8e-6, 1e-5]);
});

Deno.test("linearScale() begins at 0 where that costs little room, and makes room for one value", () => {
  assert.equal(linearScale(3, 10, 5).low, 0);
  assert.equal(linearScale(16, 25, 5).low, 16);
  const { low, high } = linearScale(7, 7, 4);
  assert.ok(low < 7 && high > 7);
  const zero = linearScale(0, 0, 4);
  assert.ok(zero.low < 0 && zero.high > 0);
});

Deno.test("logScale() holds all values, with ticks at 1, 2 and 5 or at powers of ten", () => {
  assert.deepEqual(logScale(0.3, 14).ticks, [0.2, 0.5, 1, 2, 5, 10, 20]);
  assert.deepEqual(logScale(0.002, 60).ticks, [0.01, 0.1, 1, 10, 100]);
  for (const [min, max] of [[1, 1], [0.07, 0.07], [1e-12, 1e12], [5, 5.1]] as const) {
    const { low, high, ticks } = logScale(min, max);
    assert.ok(low <= min && high >= max && high > low, `${low} ${high}`);
    assert.ok(ticks.length >= 1 && ticks.length < 14, `${ticks}`);
    assert.ok(ticks.every((tick) => tick >= low * 0.999 && tick <= high * 1.001));
  }
});

Deno.test("stepScale() ends at the last step, with whole numbers as ticks", () => {
  assert.deepEqual(stepScale(1, 100_000, 5), {
    low: 0,
    high: 100_000,
    log: false,
    ticks: [0, 20_000, 40_000, 60_000, 80_000, 100_000],
  });
  assert.deepEqual(stepScale(500, 1234, 4).ticks, [600, 800, 1000, 1200]);
  assert.deepEqual(stepScale(1, 3, 6).ticks, [1, 2, 3]);
  assert.deepEqual(stepScale(7, 7, 5).ticks, [7]);
});

Deno.test("positionOn() goes from 0 to 1, evenly or by the logarithm", () => {
  assert.equal(positionOn(linearScale(0, 10, 5), 2.5), 0.25);
  const log = logScale(1, 100);
  assert.ok(Math.abs(positionOn(log, 10) - 0.5) < 1e-12);
  assert.equal(positionOn(stepScale(7, 7, 5), 7), 0.5);
});

Deno.test("formatTicks() writes numbers short, on an even axis with as many decimals", () => {
  const even = (ticks: number[]) => formatTicks({ low: 0, high: 1, log: false, ticks });
  assert.deepEqual(even([0, 0.5, 1]), ["0.0", "0.5", "1.0"]);
  assert.deepEqual(even([-5, 0, 5]), ["−5", "0", "5"]);
  assert.deepEqual(even([0, 500, 1000, 1500]), ["0", "500", "1000", "1500"]);
  assert.deepEqual(even([0, 5000, 10_000, 15_000]), ["0", "5k", "10k", "15k"]);
  assert.deepEqual(even([0, 500_000, 1_000_000]), ["0.0", "0.5M", "1.0M"]);
  assert.deepEqual(even([0, 2e-6, 4e-6]), ["0", "2e−6", "4e−6"]);
  const log = (ticks: number[]) => formatTicks({ low: 1, high: 2, log: true, ticks });
  assert.deepEqual(log([0.2, 0.5, 1, 2]), ["0.2", "0.5", "1", "2"]);
  assert.deepEqual(log([1e-5, 1e-3, 0.1, 1e4, 1e6]), ["1e−5", "0.001", "0.1", "10k", "1M"]);
});
