import assert from "assert";
import {
  formatCount,
  formatDuration,
  formatLearningRates,
  formatRate,
} from "../../src/terminal/quantities.ts";

Deno.test("formatDuration() shows two units at most, and never 60 of one", () => {
  const cases: [number, string][] = [
    [0, "0.0 s"],
    [440, "0.4 s"],
    [9940, "9.9 s"],
    [9960, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [3_599_700, "1 h 00 min"],
    [7_620_000, "2 h 07 min"],
    [86_380_000, "1 d 00 h"],
    [4 * 86_400_000 + 3 * 3_600_000, "4 d 03 h"],
    [Infinity, "?"],
    [NaN, "?"],
    [-1, "?"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

Deno.test("formatRate() shows how many a second, or how long each takes", () => {
  assert.equal(formatRate(312.4, "things"), "312/s");
  assert.equal(formatRate(4.125, "things"), "4.13/s");
  assert.equal(formatRate(12_345.6, "things"), "12,346/s");
  assert.equal(formatRate(0.2, "things"), "5.0 s each");
  assert.equal(formatRate(0.5, "things"), "0.50/s");
  assert.equal(formatRate(8_250_000, "bytes"), "8.25 MB/s");
  assert.equal(formatRate(0.2, "bytes"), "0 B/s");
});

Deno.test("formatCount() parts thousands", () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ["0", "999", "1,000", "1,234,567"]);
});

Deno.test("formatLearningRates() shows both where they differ", () => {
  assert.equal(formatLearningRates(2e-4, 2e-4), "2.0e-4");
  assert.equal(formatLearningRates(1.25e-5, 5e-5), "1.3e-5/5.0e-5");
  assert.equal(formatLearningRates(0, 0), "0.0e+0");
});
