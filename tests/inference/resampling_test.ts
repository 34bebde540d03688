import assert from "assert";
import { inputsOf, resamplingWeights } from "../../src/inference/resampling.ts";
import { assertClose } from "../engine/test_engine.ts";

/** Resamples values along their one axis. */
function resample(values: readonly number[], outputs: number): number[] {
  const weights = resamplingWeights(values.length, outputs);
  return Array.from(
    { length: outputs },
    (_, row) =>
      values.reduce((sum, value, i) => sum + value * weights[row * values.length + i]!, 0),
  );
}

Deno.test("resamplingWeights() are those of Mitchell and Netravali", () => {
  // Twice as many: outputs lie a quarter to the left and to the right of each input.
  const weights = resamplingWeights(8, 16);
  const row = [...weights.subarray(7 * 8, 8 * 8)]; // at 3.25
  // k(x) by hand at distances 1.25, 0.25, 0.75 and 1.75.
  const expected = [0, 0, -0.0234375, 0.7821181, 0.2560764, -0.0147569, 0, 0];
  assertClose(row, expected, { absolute: 1e-6 });
});

Deno.test("resamplingWeights() keep what is flat, also at the ends", () => {
  for (const [inputs, outputs] of [[256, 4000], [256, 100], [256, 1], [1, 7], [5, 5]] as const) {
    const flat = resample(Array.from({ length: inputs }, () => 3), outputs);
    assertClose(flat, flat.map(() => 3), { absolute: 1e-5 });
  }
});

Deno.test("resamplingWeights() keep a slope, but for the ends", () => {
  const slope = Array.from({ length: 32 }, (_, i) => i);
  const larger = resample(slope, 128).slice(8, -8);
  assertClose(larger, larger.map((_, i) => (i + 8 + 0.5) / 4 - 0.5), { absolute: 1e-5 });
  const smaller = resample(slope, 8).slice(2, -2);
  assertClose(smaller, smaller.map((_, i) => (i + 2 + 0.5) * 4 - 0.5), { absolute: 1e-5 });
});

Deno.test("resamplingWeights() leave of an edge no seam worth seeing", () => {
  const edge = Array.from({ length: 32 }, (_, i) => i < 16 ? 0 : 1);
  const values = resample(edge, 512);
  // Catmull and Rom's filter goes 7 % past an edge, Lanczos' 9 %.
  assert.ok(Math.max(...values) < 1.04 && Math.min(...values) > -0.04);
  // Between a tenth and nine tenths within two samples.
  const steep = values.filter((value) => value > 0.1 && value < 0.9).length;
  assert.ok(steep < 2 * 16, `${steep}`);
});

Deno.test("resamplingWeights() do not alias when there are fewer outputs", () => {
  const stripes = Array.from({ length: 256 }, (_, i) => i % 2);
  const values = resample(stripes, 50).slice(2, -2);
  assertClose(values, values.map(() => 0.5), { absolute: 0.01 });
});

Deno.test("resamplingWeights() of a part are that part of the whole", () => {
  const whole = resamplingWeights(16, 40);
  const part = resamplingWeights(16, 40, { first: 24, count: 20 });
  assert.deepEqual(part.subarray(0, 16 * 16), whole.subarray(24 * 16));
  for (let row = 16; row < 20; row++) { // past the end: the last row
    assert.deepEqual(part.subarray(row * 16, row * 16 + 16), whole.subarray(39 * 16));
  }
});

Deno.test("resamplingWeights() among the inputs that have a part are those of the whole", () => {
  for (const [inputs, outputs] of [[256, 4000], [256, 300], [256, 100]] as const) {
    const part = { first: 60, count: 30 };
    const among = inputsOf(inputs, outputs, part);
    const few = resamplingWeights(inputs, outputs, { ...part, among });
    const whole = resamplingWeights(inputs, outputs, part);
    assert.equal(few.length, part.count * among.count);
    for (let row = 0; row < part.count; row++) {
      const all = whole.subarray(row * inputs, (row + 1) * inputs);
      const end = among.first + among.count;
      const own = few.subarray(row * among.count, (row + 1) * among.count);
      assert.deepEqual(own, all.subarray(among.first, end));
      assert.ok([...all.subarray(0, among.first), ...all.subarray(end)].every((w) => w === 0));
    }
  }
});
