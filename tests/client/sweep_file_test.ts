import assert from "assert";
import { parseSweepFile, readSweepFile } from "../../src/client/sweep_file.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const parse = (file: unknown) => parseSweepFile(JSON.stringify(file), "a.json");

Deno.test("a sweep's file becomes the request's spec", () => {
  const spec = parse({
    dataset: "roses",
    method: "grid",
    metric: "ab_error",
    seed: 3,
    maxConcurrentJobs: 2,
    config: { size: 64, ganMode: "lsgan", flip: false },
    parameters: {
      lambdaL1: [1, 100],
      init: ["normal", "xavier"],
      flip: [true],
      lrG: { min: 1e-5, max: 1e-3, logarithmic: true, points: 3 },
    },
    halving: { minSteps: 10, maxSteps: 90 },
  });
  assert.deepEqual(spec, {
    dataset: "roses",
    config: { size: 64, ganMode: "GAN_MODE_LSGAN", flip: false },
    method: "SWEEP_METHOD_GRID",
    parameters: [
      { option: "lambda_l1", values: { values: [{ number: 1 }, { number: 100 }] } },
      { option: "init", values: { values: [{ word: "normal" }, { word: "xavier" }] } },
      { option: "flip", values: { values: [{ flag: true }] } },
      { option: "lr_g", range: { min: 1e-5, max: 1e-3, logarithmic: true, points: 3 } },
    ],
    trials: 0,
    seed: 3,
    metric: "ab_error",
    halving: { minSteps: 10, maxSteps: 90, reductionFactor: 0 },
    maxConcurrentJobs: 2,
  });
});

Deno.test("what is wrong with the file is said by name", async () => {
  const refused: [unknown, RegExp][] = [
    [[], /^a\.json: the file must be an object/],
    [{ trails: 3 }, /trails is not a field \(did you mean trials\?\)\.$/],
    [{ notes: "" }, /notes is not a field; there are dataset, config,/],
    [
      { config: { batch_size: 2, lrg: 1 }, parameters: { lrX: [1] }, halving: { steps: 3 } },
      new RegExp(
        "config\\.batch_size is not a training option \\(did you mean batchSize\\?\\); " +
          "config\\.lrg is not a training option \\(did you mean lrG\\?\\); " +
          "parameters\\.lrX is not a training option \\(did you mean lr[GD]\\?\\); " +
          "halving\\.steps is not a field of halving; there are minSteps, maxSteps, reductionFactor",
      ),
    ],
    [{ parameters: { lrG: 3 } }, /parameters\.lrG must be an object, not 3/],
    [{ parameters: { lrG: [null] } }, /parameters\.lrG has null, which is not a value/],
    [{ parameters: { lrG: { min: 1 } } }, /parameters\.lrG\.max must be a number/],
    [{ parameters: { lrG: { min: 1, max: 2, log: true } } }, /lrG\.log is not a field of a range/],
    [{ parameters: {}, method: "best" }, /method must be "random" or "grid"/],
    [{ parameters: {}, trials: "8" }, /trials must be a number, not "8"/],
    [{ parameters: {}, config: { size: null } }, /config\.size must be a number, a word/],
    [{ parameters: {}, halving: { minSteps: 3 } }, /halving\.maxSteps must be a number/],
  ];
  for (const [file, pattern] of refused) {
    assert.throws(() => parse(file), failsWith("invalid_argument", pattern));
  }
  assert.throws(
    () => parseSweepFile('{"trials": 3, "trials": 4}', "b.json"),
    failsWith("invalid_argument", /the key "trials" occurs twice/),
  );
  assert.throws(
    () => parseSweepFile("{", "b.json"),
    failsWith("invalid_argument", /it is not JSON/),
  );
  await assert.rejects(
    readSweepFile("nowhere.json"),
    failsWith("not_found", /^nowhere\.json does not exist\.$/),
  );
});
