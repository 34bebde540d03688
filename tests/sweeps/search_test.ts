import assert from "assert";
import { sweepViolations } from "../../src/sweeps/check_spec.ts";
import { trialCount, trialValues } from "../../src/sweeps/search.ts";
import type { SweepParameter, SweepSpec } from "../../src/jobs/sweep.ts";
import { smallSpec } from "./small_spec.ts";

const drawn = (spec: SweepSpec, count: number) =>
  Array.from({ length: count }, (_, trial) => trialValues(spec, trial));

Deno.test("a random search draws by the seed and the trial's number", () => {
  assert.deepEqual(drawn(smallSpec, 5), drawn(smallSpec, 5));
  assert.notDeepEqual(drawn(smallSpec, 5), drawn({ ...smallSpec, seed: 1 }, 5));
});

Deno.test("draws of a logarithmic range are even by their logarithm", () => {
  const rates = drawn(smallSpec, 3000).map(({ lrG }) => Number(lrG));
  assert.ok(rates.every((rate) => rate >= 1e-5 && rate <= 1e-2));
  // A third in each decade; 4 standard deviations of a binomial of 3000 and 1/3 are 103.
  for (const low of [1e-5, 1e-4, 1e-3]) {
    const count = rates.filter((rate) => rate >= low && rate < 10 * low).length;
    assert.ok(Math.abs(count - 1000) < 103, `${count} from ${low}`);
  }
});

Deno.test("draws of whole numbers give each as often, both ends too", () => {
  const range = { min: 2, max: 4, logarithmic: false, points: 0 };
  const spec = { ...smallSpec, parameters: [{ option: "nLayers", range }] };
  const counts = new Map<unknown, number>();
  for (const { nLayers } of drawn(spec, 3000)) counts.set(nLayers, (counts.get(nLayers) ?? 0) + 1);
  assert.deepEqual([...counts.keys()].sort(), [2, 3, 4]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 103, `${count}`);
});

Deno.test("a grid is every combination, the last option changing fastest", () => {
  const grid: SweepSpec = {
    ...smallSpec,
    method: "grid",
    trials: 0,
    parameters: [
      { option: "lrG", range: { min: 1e-4, max: 1e-2, logarithmic: true, points: 3 } },
      { option: "flip", values: [true, false] },
    ],
  };
  assert.equal(trialCount(grid), 6);
  assert.deepEqual(drawn(grid, 6), [
    { lrG: 1e-4, flip: true },
    { lrG: 1e-4, flip: false },
    { lrG: 1e-3, flip: true },
    { lrG: 1e-3, flip: false },
    { lrG: 1e-2, flip: true },
    { lrG: 1e-2, flip: false },
  ]);
  assert.deepEqual(sweepViolations(grid), []);
});

Deno.test("what is wrong with a sweep is said before anything is trained, all of it", () => {
  assert.deepEqual(sweepViolations(smallSpec), []);
  const range = (min: number, max: number, points = 0, logarithmic = false) => ({
    range: { min, max, points, logarithmic },
  });
  const refused: [Partial<SweepSpec>, RegExp[]][] = [
    [{ dataset: "", trials: 0 }, [/dataset is required/, /trials must be from 1/]],
    [{ dataset: "", config: { earlyStop: 1, validateEvery: 0 }, trials: 1 }, [
      /dataset is required/,
      /config has no validation/,
      /make trial 0 .* whose validateEvery must not be 0 with earlyStop/,
    ]],
    [{ trials: 0 }, [/trials must be from 1 to 10000, not 0/]],
    [{ trials: 1e6 }, [/trials must be/]],
    [{ method: "grid" }, [/has a range of lrG without points/]],
    [{ seed: -1, maxConcurrentJobs: 1001 }, [/seed must/, /maxConcurrentJobs must/]],
    [{ halving: { minSteps: 10, maxSteps: 10, reductionFactor: 1 } }, [
      /maxSteps must be more than minSteps \(10\)/,
      /reductionFactor must/,
    ]],
    [{ config: { lrG: 1 } }, [/parameters\[0\] names lrG, which config gives a value/]],
    [{ config: { validateEvery: 0 } }, [/config has no validation/]],
    [{ config: { validationPhotos: 0 } }, [/config has no validation \(validationPhotos is 0\)/]],
    [{ config: { onLossSpike: "pause" } }, [/onLossSpike pause: the sweep would wait/]],
    [{
      config: { earlyStop: 3 },
      halving: { minSteps: 10, maxSteps: 30, reductionFactor: 3 },
    }, [/gives earlyStop, but successive halving stops trials itself/]],
    [{ config: { size: 48, nDown: 5 } }, [
      ...Array.from(
        { length: 5 },
        (_, trial) => new RegExp(`make trial ${trial} .*size must be a`),
      ),
      /make 9 invalid trials/,
    ]],
    [{ parameters: [] }, [/parameters must be from 1 to 32, not 0/]],
    [{
      parameters: [
        { option: "speed", values: [1] },
        { option: "lrG", values: [] },
        { option: "lrD", values: [0.1, 0.1] },
        { option: "ganMode", values: ["lsgan", "best"] },
        { option: "init", ...range(0, 1) },
        { option: "ngf", ...range(8, 600) },
        { option: "ndf", ...range(8, 4) },
        { option: "beta1", ...range(0, 0.5, 0, true) },
        { option: "beta2", ...range(0, 0.5, 7) },
        { option: "lrD", values: [0.2] },
      ] satisfies SweepParameter[],
    }, [
      /names no training option: "speed"/,
      /has no value for lrG/,
      /has a value of lrD twice/,
      /ganMode that is invalid: it must be one of .*not "best"/,
      /has a range for init, which is no number/,
      /ngf whose end is invalid: it must be from 1 to 512/,
      /ndf that ends before it begins: 8 to 4/,
      /logarithmic range of beta1 from 0/,
      /has 7 points for beta2/,
      /names lrD, as another one does/,
    ]],
  ];
  for (const [changed, patterns] of refused) {
    const found = sweepViolations({ ...smallSpec, ...changed })
      .map(({ field, description }) => `${field} ${description}`);
    assert.equal(found.length, patterns.length, found.join("\n"));
    patterns.forEach((pattern, index) => assert.match(found[index] ?? "", pattern));
  }
});
