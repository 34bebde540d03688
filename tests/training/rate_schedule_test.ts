import assert from "assert";
import { parseTrainingConfig } from "../../src/config/training.ts";
import {
  freshPlateau,
  plateauAfter,
  rateFactor,
  type RunLength,
} from "../../src/training/rate_schedule.ts";
import expected from "../testdata/optimizing/expected.json" with { type: "json" };

// The numbers of PyTorch's schedulers: see `made` in the file. Both compute in float64; its cosine
// goes from each rate to the next, which adds up to some 1e-15.
const tolerance = 1e-12;

function factors(
  given: Record<string, unknown>,
  length: RunLength,
  steps: readonly number[],
): number[] {
  const config = parseTrainingConfig(given);
  return steps.map((step) => rateFactor(step, length, config, freshPlateau));
}

function assertNear(actual: readonly number[], wanted: readonly number[]): void {
  assert.equal(actual.length, wanted.length);
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]!) <= tolerance, `${i}: ${value}, not ${wanted[i]}`);
  });
}

/** The steps from 1 on. */
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

for (const { epochs, lrDecayEpoch, factors: wanted } of expected.linear) {
  Deno.test(`linear: ${epochs} epochs fall from ${lrDecayEpoch} on as pix2pix's LambdaLR`, () => {
    const stepsPerEpoch = 3;
    const length = { stepsPerEpoch, totalSteps: epochs * stepsPerEpoch };
    const given = { lrSchedule: "linear", lrDecayEpoch, epochs };
    const all = factors(given, length, upTo(epochs * stepsPerEpoch));
    assertNear(all, wanted.flatMap((factor) => [factor, factor, factor]));
  });
}

Deno.test("linear: half of the run is at full rate where no epoch is given", () => {
  const length = { stepsPerEpoch: 2, totalSteps: 400 };
  const [halves] = [expected.linear.at(-1)!]; // 200 epochs, 100 of them full
  const all = factors({ lrSchedule: "linear", epochs: 200 }, length, upTo(400));
  assertNear(all.filter((_, i) => i % 2 === 0), halves.factors);
});

Deno.test("linear: the steps that are really to be done decide where it ends", () => {
  // maxSteps stops within the fifth epoch of the hundred.
  const given = { lrSchedule: "linear", lrDecayEpoch: 2, epochs: 100 };
  const length = { stepsPerEpoch: 4, totalSteps: 18 };
  assertNear(factors(given, length, [1, 8, 9, 13, 18]), [1, 1, 0.75, 0.5, 0.25]);
  // Resumed with fewer steps than were planned, and past them, it stays where it is: not below 0.
  assertNear(factors(given, length, [21, 100]), [0, 0]);
  // A decay that begins after the end never begins.
  const short = { stepsPerEpoch: 4, totalSteps: 4 };
  assertNear(factors({ ...given, lrDecayEpoch: 2 }, short, [1, 4]), [1, 1]);
});

for (const { lrStepEpochs, lrGamma, factors: wanted } of expected.step) {
  Deno.test(`step: by ${lrGamma} every ${lrStepEpochs} epochs as PyTorch's StepLR`, () => {
    const length = { stepsPerEpoch: 2, totalSteps: 24 };
    const all = factors({ lrSchedule: "step", lrStepEpochs, lrGamma }, length, upTo(24));
    assertNear(all, wanted.flatMap((factor) => [factor, factor]));
  });
}

for (const { totalSteps, lrMin, factors: wanted } of expected.cosine) {
  Deno.test(`cosine: ${totalSteps} steps down to ${lrMin} as CosineAnnealingLR`, () => {
    const length = { stepsPerEpoch: 4, totalSteps };
    assertNear(factors({ lrSchedule: "cosine", lrMin }, length, upTo(totalSteps)), wanted);
  });
}

for (const { lrWarmupSteps, factors: wanted } of expected.warmup) {
  Deno.test(`warm-up over ${lrWarmupSteps} steps as a LambdaLR`, () => {
    const length = { stepsPerEpoch: 4, totalSteps: 8 };
    assertNear(factors({ lrWarmupSteps }, length, upTo(8)), wanted);
    // On top of a schedule it is one more factor.
    const cosine = factors({ lrSchedule: "cosine" }, length, upTo(8));
    const both = factors({ lrSchedule: "cosine", lrWarmupSteps }, length, upTo(8));
    assertNear(both, cosine.map((factor, i) => factor * wanted[i]!));
  });
}

for (const [index, run] of expected.plateau.entries()) {
  Deno.test(`plateau ${index}: reductions come where ReduceLROnPlateau makes them`, () => {
    const { values, factors: wanted, lrPatience, lrGamma, lrMin } = run;
    const direction = run.direction === "higher" ? "higher" : "lower";
    const config = parseTrainingConfig({ lrSchedule: "plateau", lrPatience, lrGamma, lrMin });
    const length = { stepsPerEpoch: 4, totalSteps: 100 };
    let state = freshPlateau;
    const actual = values.map((value) => {
      state = plateauAfter(state, { value, direction }, config);
      return rateFactor(7, length, config, state);
    });
    assertNear(actual, wanted);
    assert.ok(new Set(wanted).size >= 3, "the metric makes it reduce more than once");
  });
}

Deno.test("without a schedule or warm-up the rates are what was given, to the last bit", () => {
  const length = { stepsPerEpoch: 3, totalSteps: 1000 };
  assert.deepEqual(factors({}, length, [1, 2, 500, 1000]), [1, 1, 1, 1]);
});
