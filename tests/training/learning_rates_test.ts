import assert from "assert";
import { JsonFields } from "../../src/files/json_fields.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { LearningRates } from "../../src/training/learning_rates.ts";
import { engineTest } from "../engine/test_engine.ts";
import { SmallTraining } from "./small_training.ts";

const length = { stepsPerEpoch: 2, totalSteps: 8 };

Deno.test("both networks follow the schedule, each from its own rate", () => {
  const given = { lrG: 4e-4, lrD: 1e-4, lrSchedule: "step", lrStepEpochs: 1, lrGamma: 0.5 };
  const rates = new LearningRates(parseTrainingConfig(given), length);
  assert.deepEqual([1, 2, 3, 5, 7].map((step) => rates.at(step)), [
    { lrG: 4e-4, lrD: 1e-4 },
    { lrG: 4e-4, lrD: 1e-4 },
    { lrG: 2e-4, lrD: 5e-5 },
    { lrG: 1e-4, lrD: 2.5e-5 },
    { lrG: 5e-5, lrD: 1.25e-5 },
  ]);
});

Deno.test("each phase of a run has its rate, on which the schedule goes on", () => {
  const given = {
    ...{ pretrainSteps: 2, criticSteps: 2, lrPretrain: 1e-3, lrCritic: 4e-3, lrG: 2e-4, lrD: 8e-4 },
    ...{ lrSchedule: "step", lrStepEpochs: 2, lrGamma: 0.5 },
  };
  const rates = new LearningRates(parseTrainingConfig(given), length);
  assert.deepEqual([2, 3, 4, 5].map((step) => rates.at(step)), [
    { lrG: 1e-3, lrD: 8e-4 },
    { lrG: 2e-4, lrD: 4e-3 },
    { lrG: 2e-4, lrD: 4e-3 },
    { lrG: 1e-4, lrD: 4e-4 },
  ]);
});

Deno.test("a plateau goes on in a resumed run where it stood", () => {
  const given = { lrG: 1, lrD: 1, lrSchedule: "plateau", lrPatience: 1, lrGamma: 0.5 };
  const config = parseTrainingConfig(given);
  const values = [20, 19, 18, 21, 21, 21, 21, 21];
  const whole = new LearningRates(config, length);
  const expected = values.map((value) => {
    whole.noteValidation({ value, direction: "higher" });
    return whole.at(3).lrG;
  });
  assert.deepEqual(expected, [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
  let rates = new LearningRates(config, length);
  const actual = values.map((value) => {
    const saved = JSON.parse(JSON.stringify(rates.save()));
    rates = new LearningRates(config, length);
    rates.restore(new JsonFields(saved, "a test"));
    rates.noteValidation({ value, direction: "higher" });
    return rates.at(3).lrG;
  });
  assert.deepEqual(actual, expected);
});

engineTest("a run trains at the rates that it tells of", async (engine) => {
  await using training = await SmallTraining.create({ count: 24 });
  // 8 photos are trained on, in 4 steps an epoch; from the second epoch on the rates are tiny.
  const given = {
    lrG: 1e-3,
    lrD: 5e-4,
    lrSchedule: "step",
    lrStepEpochs: 1,
    lrGamma: 1e-6,
    lrWarmupSteps: 2,
    epochs: 2,
    validationFraction: 0.5,
    dropout: 0,
    flip: false,
    batchNormMomentum: 0,
    checkpointEvery: 4,
  };
  const { events, losses } = await training.train(engine, "run", { given });
  const told = events.flatMap((event) => event.kind === "step" ? [[event.lrG, event.lrD]] : []);
  const tiny = [1e-3 * 1e-6, 5e-4 * 1e-6];
  const [half, full] = [[5e-4, 2.5e-4], [1e-3, 5e-4]];
  assert.deepEqual(told, [half, full, full, full, tiny, tiny, tiny, tiny]);
  const lines = (await training.metrics("run")).map(({ lrG, lrD }) => [lrG, lrD]);
  assert.deepEqual(lines, told);
  // In four steps at the full rate the losses of an epoch of the same photos change; in four more at
  // a millionth of it they would not. The order of the photos is another in each epoch.
  const resumed = await training.train(engine, "run", { resume: true, given: { epochs: 3 } });
  const mean = (some: typeof losses) =>
    some.reduce((sum, { loss_G_L1 }) => sum + (loss_G_L1 ?? NaN), 0) / some.length;
  const [first, second, third] = [losses.slice(0, 4), losses.slice(4), resumed.losses].map(mean);
  assert.ok(Math.abs(first! - second!) / second! > 1e-3, `${first} and ${second} are too near`);
  assert.ok(Math.abs(third! - second!) / second! < 2e-2, `${third} and ${second} are too far`);
});
