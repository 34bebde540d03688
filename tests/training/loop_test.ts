import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import tf from "@tensorflow/tfjs";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { train } from "../../src/training/loop.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { engineTest } from "../engine/test_engine.ts";
import { abortAt, SmallTraining } from "./small_training.ts";

engineTest("training ends after maxSteps or epochs, whichever comes first", async (engine) => {
  await using training = await SmallTraining.create();
  // 5 photos to train on are 2 batches of 2 an epoch, and one photo is left over.
  const limits = [
    { given: { maxSteps: 3, epochs: 100 }, steps: 3, epochs: [0, 1] },
    { given: { maxSteps: 0, epochs: 2 }, steps: 4, epochs: [0, 1] },
    { given: { maxSteps: 5, epochs: 1 }, steps: 2, epochs: [0] },
  ];
  for (const [index, { given, steps, epochs }] of limits.entries()) {
    const { outcome, events } = await training.train(engine, `run-${index}`, { given });
    const { reason, step, totalSteps, stepsTaken } = outcome;
    assert.deepEqual({ reason, step, totalSteps, stepsTaken }, {
      reason: "completed",
      step: steps,
      totalSteps: steps,
      stepsTaken: steps,
    });
    const seen = events.flatMap((event) => event.kind === "step" ? [event.epoch] : []);
    assert.deepEqual([...new Set(seen)], epochs);
    assert.equal(
      outcome.checkpoint,
      training.path(`run-${index}/checkpoints/step-0000000${steps}`),
    );
  }
  const again = await training.train(engine, "run-0", { resume: true });
  assert.deepEqual([again.outcome.step, again.outcome.stepsTaken], [3, 0]);
});

engineTest("training ends after maxMinutes, with a checkpoint to go on from", async (engine) => {
  await using training = await SmallTraining.create();
  const given = { maxMinutes: 0.0005, epochs: 1_000_000 }; // 30 ms: over after the first step, which traces
  const { outcome, events } = await training.train(engine, "run", { given });
  const { reason, step } = outcome;
  assert.deepEqual({ reason, step }, { reason: "limit", step: 1 });
  const left = events.flatMap((event) => event.kind === "step" ? [event.secondsLeft] : []);
  assert.deepEqual(left, [0]);
  const resumed = await training.train(engine, "run", { resume: true });
  assert.deepEqual([resumed.outcome.reason, resumed.outcome.step], ["limit", 2]);
});

engineTest("the newest checkpoints are kept, and the best besides", async (engine) => {
  await using training = await SmallTraining.create();
  const given = {
    maxSteps: 24,
    checkpointEvery: 3,
    validateEvery: 3,
    keepCheckpoints: 2,
    // Steps so large that the PSNR goes up and down.
    lrG: 0.05,
  };
  const { events, outcome } = await training.train(engine, "run", { given });
  const validations = events.filter((event) => event.kind === "validation");
  assert.deepEqual(validations.map(({ step }) => step), [3, 6, 9, 12, 15, 18, 21, 24]);
  const best = validations.toSorted((a, b) => b.validation.psnr - a.validation.psnr)[0]!;
  assert.ok(best.step < 21, "the best one is among the newest: the test shows nothing");
  assert.deepEqual(
    validations.filter((event) => event.best).at(-1)?.step,
    best.step,
  );
  const kept = [best.step, 21, 24].map((step) => `step-${String(step).padStart(8, "0")}`);
  assert.deepEqual((await readdir(training.path("run/checkpoints"))).toSorted(), kept);
  using run = await training.open("run", { resume: true });
  const { metric } = await run.store.best() ?? {};
  assert.deepEqual(metric, { name: "psnr", direction: "higher", value: best.validation.psnr });
  assert.deepEqual(outcome.validation, validations.at(-1)?.validation);
});

engineTest(
  "the best checkpoint is the one with the lowest ab error where that is chosen",
  async (engine) => {
    await using training = await SmallTraining.create();
    const given = {
      bestMetric: "ab-error",
      maxSteps: 60,
      checkpointEvery: 3,
      validateEvery: 3,
      keepCheckpoints: 1,
      lrG: 0.05,
    };
    const { events } = await training.train(engine, "run", { given });
    const validations = events.filter((event) => event.kind === "validation");
    const best = validations.toSorted((a, b) => a.validation.abError - b.validation.abError)[0]!;
    assert.ok(best.step < 60, "the best one is the newest: the test shows nothing");
    using run = await training.open("run", { resume: true });
    const { metric, step } = await run.store.best() ?? {};
    assert.equal(step, best.step);
    assert.deepEqual(metric, {
      name: "abError",
      direction: "lower",
      value: best.validation.abError,
    });
  },
);

engineTest(
  "a run stops early once validations get no better, also when it was resumed",
  async (engine) => {
    await using training = await SmallTraining.create();
    const given = { maxSteps: 60, validateEvery: 2, earlyStop: 3, lrG: 0.05, sampleEvery: 20 };
    const whole = await training.train(engine, "whole", { given });
    const { reason, step } = whole.outcome;
    assert.equal(reason, "early_stop");
    const psnrs = whole.events.flatMap((event) =>
      event.kind === "validation" ? [event.validation.psnr] : []
    );
    assert.equal(step, 2 * psnrs.length);
    const top = psnrs.indexOf(Math.max(...psnrs));
    assert.equal(psnrs.length, top + 1 + 3);
    assert.ok(top > 0, "the first validation is the best: the test shows nothing");

    const stopped = step - 3; // between two validations, with some of the count already made
    const parts = abortAt((event) => event.kind === "step" && event.step === stopped);
    await training.train(engine, "parts", { given, ...parts });
    const rest = await training.train(engine, "parts", { resume: true });
    assert.deepEqual([rest.outcome.reason, rest.outcome.step], ["early_stop", step]);
    assert.deepEqual(await training.metrics("parts"), await training.metrics("whole"));

    // It has come to its end, until it is told to bear with more.
    const again = await training.train(engine, "whole", { resume: true });
    assert.deepEqual([again.outcome.reason, again.outcome.stepsTaken], ["early_stop", 0]);
    const on = await training.train(engine, "whole", { resume: true, given: { earlyStop: 0 } });
    assert.deepEqual([on.outcome.reason, on.outcome.step], ["completed", 60]);
  },
);

engineTest(
  "the probe is the same photos on every sheet, and is measured each time",
  async (engine) => {
    await using training = await SmallTraining.create();
    const given = { maxSteps: 4, sampleEvery: 2, sampleCount: 3, validateEvery: 4 };
    await training.train(engine, "run", { given });
    const probesOf = async (run: string) =>
      (await training.metrics(run)).filter(({ kind }) => kind === "probe");
    const probes = await probesOf("run");
    assert.deepEqual(probes.map(({ step, photos }) => [step, photos]), [[2, 3], [4, 3]]);
    const [first, second] = probes;
    // What does not depend on the model stays; what does, changes.
    for (const name of ["psnrGray", "ssimGray", "deltaE2000Gray", "realColorfulness"]) {
      assert.equal(first![name], second![name]);
    }
    assert.notEqual(first!["deltaE2000"], second!["deltaE2000"]);
    // They do not depend on how many photos a validation takes.
    await training.train(engine, "fewer", { given: { ...given, validationPhotos: 1 } });
    assert.deepEqual(await probesOf("fewer"), probes);
  },
);

engineTest("no step leaves a tensor or an object of the library behind", async (engine) => {
  await using training = await SmallTraining.create();
  const counts: unknown[] = [];
  await training.train(engine, "run", {
    given: { maxSteps: 130, epochs: 100, validateEvery: 30, sampleEvery: 30 },
    onEvent: (event) => {
      if (event.kind !== "step") return;
      const { numTensors, numBytes } = tf.memory();
      counts.push({
        ...liveObjects(),
        numTensors,
        numBytes,
        ids: engine.binding.getNumOfTensors(),
      });
    },
  });
  assert.equal(counts.length, 130);
  // The first validation traces a function, which stays.
  for (const steady of [counts.slice(0, 30), counts.slice(30)]) {
    for (const count of steady) assert.deepEqual(count, steady[0]);
  }
});

engineTest("losses go down on a few scenes", async (engine) => {
  await using training = await SmallTraining.create({ count: 8 });
  const given = {
    ngf: 8,
    batchSize: 8,
    validationFraction: 0,
    dropout: 0,
    lrG: 5e-3,
    maxSteps: 40,
  };
  const { losses } = await training.train(engine, "run", { given });
  const [first, last] = [losses[0]!.loss_G_L1!, losses[39]!.loss_G_L1!];
  // 19.7 and 5.0 when this was written.
  assert.ok(last < first / 2, `${first} became ${last}`);
});

engineTest(
  "photos that are not the run's, or fewer than a batch, are refused before a step",
  async (engine) => {
    await using training = await SmallTraining.create();
    await using others = await SmallTraining.create({ count: 11 });
    await training.train(engine, "run", { given: { maxSteps: 2 } });
    const metrics = await readFile(training.path("run/metrics.jsonl"), "utf8");
    using run = await training.open("run", { resume: true, given: { maxSteps: 4 } });
    const { store, config } = run;
    const inputs = {
      engine,
      store,
      config,
      resume: true,
      signal: new AbortController().signal,
      onEvent: () => assert.fail("something happened"),
    };
    await assert.rejects(
      train({ ...inputs, set: others.set }),
      failsWith(
        "failed_precondition",
        /^The photos differ from those this run was trained on/,
      ),
    );
    await assert.rejects(
      train({ ...inputs, set: training.set, resume: false, config: { ...config, batchSize: 6 } }),
      failsWith(
        "invalid_argument",
        /^There are 5 photos to train on, fewer than one step takes \(6\)/,
      ),
    );
    assert.equal(await readFile(training.path("run/metrics.jsonl"), "utf8"), metrics);
  },
);
