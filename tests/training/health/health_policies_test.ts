import assert from "assert";
import { rm } from "node:fs/promises";
import { readCheckpointInfo } from "../../../src/checkpoints/checkpoint_folder.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { TrainingEvent } from "../../../src/training/events.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { engineTest } from "../../engine/test_engine.ts";
import { abortAt, SmallTraining } from "../small_training.ts";

/** The discriminator learns, the generator does not: loss_D is under half of guessing, 0.347, soon. */
const winning = {
  lrD: 0.02,
  lrG: 0,
  winningShare: 0.5,
  winningSteps: 5,
  maxSteps: 40,
  epochs: 100,
  checkpointEvery: 4,
};

const healthOf = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => event.kind === "health" ? [event] : []);

/** A step's number and the rate of the discriminator, as they went. */
const course = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => event.kind === "step" ? [[event.step, event.lrD] as const] : []);

/** What a training left that nothing stopped. */
async function leftBy(engine: Engine, given: Readonly<Record<string, unknown>>) {
  await using training = await SmallTraining.create();
  const result = await training.train(engine, "whole", { given });
  const checkpoint = await readCheckpointInfo(result.outcome.checkpoint);
  return { ...result, checkpoint, metrics: await training.metrics("whole") };
}

const rolling = { ...winning, onDiscriminatorWinning: "rollback", rollbackRate: 0.001 };

/** The trainings that several tests look at, each made by the first of them. */
const made: { warned?: ReturnType<typeof leftBy>; rolled?: ReturnType<typeof leftBy> } = {};
const warnedRun = (engine: Engine) => made.warned ??= leftBy(engine, winning);
const rolledRun = (engine: Engine) => made.rolled ??= leftBy(engine, rolling);

engineTest("a winning discriminator is told of, once, in the log too", async (engine) => {
  await using training = await SmallTraining.create();
  const { events, losses, outcome, metrics } = await warnedRun(engine);
  const plain = await training.train(engine, "plain", {
    given: { ...winning, onDiscriminatorWinning: "off" },
  });
  const floor = 0.5 * Math.log(2);
  const low = losses.map(({ loss_D = NaN }) => loss_D < floor);
  const at = low.findIndex((_, i) => i >= 4 && low.slice(i - 4, i + 1).every(Boolean)) + 1;
  assert.ok(at > 0, "the discriminator does not win: the test shows nothing");
  const [told, ...others] = healthOf(events);
  assert.deepEqual(others.map(({ step }) => step), []);
  assert.deepEqual([told?.step, told?.action, told?.finding.since], [at, "warn", at - 4]);
  const lines = metrics.filter(({ kind }) => kind === "health");
  assert.deepEqual(lines, [{
    step: at,
    kind: "health",
    check: "discriminator_winning",
    action: "warn",
    what: told?.finding.what,
    loss_D: losses[at - 1]!.loss_D,
    mean: losses.slice(at - 5, at).reduce((sum, { loss_D = NaN }) => sum + loss_D, 0) / 5,
    floor,
    since: at - 4,
  }]);
  assert.equal(outcome.reason, "completed");
  assert.deepEqual(healthOf(plain.events), []);
  assert.deepEqual(plain.losses, losses, "looking changes nothing");
});

engineTest("a run that pauses goes on, to the bit, as one that was only warned", async (engine) => {
  await using training = await SmallTraining.create();
  const whole = await warnedRun(engine);
  const given = { ...winning, onDiscriminatorWinning: "pause" };
  const first = await training.train(engine, "parts", { given });
  const [told] = healthOf(whole.events);
  assert.deepEqual(
    [first.outcome.reason, first.outcome.step, first.outcome.finding],
    ["paused", told?.step, told?.finding],
  );
  const { step } = await readCheckpointInfo(first.outcome.checkpoint);
  assert.equal(step, told?.step);
  const second = await training.train(engine, "parts", { resume: true });
  assert.equal(second.outcome.reason, "completed");
  assert.deepEqual([...first.losses, ...second.losses], whole.losses);
  const { files } = await readCheckpointInfo(second.outcome.checkpoint);
  assert.deepEqual(files, whole.checkpoint.files);
});

engineTest("a run that is rolled back goes on from before, with lower rates", async (engine) => {
  const { outcome, events, losses, metrics: entries } = await rolledRun(engine);
  const [told, ...others] = healthOf(events);
  assert.deepEqual([told?.action, others.length], ["rollback", 0]);
  const { step: found, finding: { since } } = told!;
  const to = 4 * Math.floor((since - 1) / 4); // the newest checkpoint from before
  const steps = (from: number, through: number, lrD: number) =>
    Array.from({ length: through - from + 1 }, (_, i) => [from + i, lrD]);
  assert.deepEqual(course(events), [...steps(1, found, 0.02), ...steps(to + 1, 40, 0.02 * 0.001)]);
  // Weights are those of then: before its update the discriminator is what it was.
  assert.equal(losses[found]!.loss_D, losses[to]!.loss_D);
  assert.notEqual(losses[found + 1]!.loss_D, losses[to + 1]!.loss_D);
  assert.deepEqual([outcome.reason, outcome.step, outcome.stepsTaken], [
    "completed",
    40,
    found + 40 - to,
  ]);
  const numbered = entries.filter(({ kind }) => kind === "losses").map(({ step }) => step);
  assert.deepEqual(numbered, Array.from({ length: 40 }, (_, i) => i + 1));
  const line = entries.find(({ kind }) => kind === "health");
  assert.deepEqual(
    [line?.step, line?.["foundAt"], line?.["rollbacks"], line?.["rateFactor"]],
    [to, found, 1, 0.001],
  );
  const saved = events.flatMap((event) => event.kind === "checkpoint" ? [event.step] : []);
  assert.equal(saved.filter((step) => step === to).length, to === 0 ? 1 : 2);
});

engineTest(
  "a rolled back run that is stopped and resumed is, to the bit, one that was not",
  async (engine) => {
    await using training = await SmallTraining.create();
    const whole = await rolledRun(engine);
    const found = healthOf(whole.events)[0]!.step;
    for (
      const [name, stop] of [["before", found - 2], ["at", found], ["after", found + 2]] as const
    ) {
      let steps = 0;
      const stopped = abortAt((event) => event.kind === "step" && ++steps === stop);
      const first = await training.train(engine, name, { given: rolling, ...stopped });
      assert.equal(first.outcome.reason, "interrupted");
      const second = await training.train(engine, name, { resume: true });
      assert.deepEqual([...first.losses, ...second.losses], whole.losses, name);
      assert.deepEqual(await training.metrics(name), whole.metrics, name);
      const { files, state } = await readCheckpointInfo(second.outcome.checkpoint);
      assert.deepEqual([files, state], [whole.checkpoint.files, whole.checkpoint.state], name);
    }
  },
);

engineTest("a run without a checkpoint goes back to its beginning", async (engine) => {
  await using training = await SmallTraining.create();
  const given = { ...rolling, checkpointEvery: 0 };
  const { outcome, events, losses } = await training.train(engine, "run", { given });
  const found = healthOf(events)[0]!.step;
  assert.deepEqual(course(events)[found], [1, 0.02 * 0.001]);
  assert.equal(losses[found]!.loss_D, losses[0]!.loss_D);
  assert.equal(outcome.reason, "completed");
});

/** Photos of one pale colour each, but for one of full colour, whose L1 is many times theirs. */
const paleButOne = (index: number) => {
  const [r, g, b] = index === 7 ? [255, 0, 0] : [128 + index % 5, 128, 122];
  return new Uint8Array(32 * 32 * 3).map((_, i) => [r, g, b][i % 3]!);
};

/** With which that picture is a spike, and two rollbacks do not help. */
const rolledBackTwice = {
  batchSize: 1,
  validationFraction: 0,
  lrG: 0,
  spikeWindow: 10,
  spikeFactor: 4,
  epochs: 100,
  maxSteps: 60,
  checkpointEvery: 5,
  onLossSpike: "rollback",
  maxRollbacks: 2,
};

engineTest(
  "a spike that comes again after each rollback ends the run, with the numbers",
  async (engine) => {
    await using training = await SmallTraining.create({ count: 20, draw: paleButOne });
    const events: TrainingEvent[] = [];
    await assert.rejects(
      training.train(engine, "run", {
        given: rolledBackTwice,
        onEvent: (event) => events.push(event),
      }),
      failsWith(
        "failed_precondition",
        /^Training stopped at step \d+: loss_G_L1 is [\d.]+, above [\d.]+; the median of the 10 steps/,
        /It was rolled back 2 times before, to learning rates of 0 \(generator\) and 0\.00005 \(disc/,
      ),
    );
    const told = healthOf(events);
    assert.deepEqual(told.map(({ action }) => action), ["rollback", "rollback", "fail"]);
    const { numbers } = told[0]!.finding;
    assert.equal(numbers["loss"], "loss_G_L1");
    assert.ok(Number(numbers["value"]) > 4 * Number(numbers["median"]));
    const entries = await training.metrics("run");
    assert.deepEqual(
      entries.filter(({ kind }) => kind === "health").map(({ action }) => action),
      ["rollback", "rollback", "fail"],
    );
  },
);

engineTest(
  "a run that is killed between two rollbacks goes as far back as one that was not",
  async (engine) => {
    await using training = await SmallTraining.create({ count: 20, draw: paleButOne });
    const isOver = failsWith("failed_precondition", /It was rolled back 2 times before/);
    const whole: TrainingEvent[] = [];
    const onEvent = (event: TrainingEvent) => void whole.push(event);
    await assert.rejects(
      training.train(engine, "whole", { given: rolledBackTwice, onEvent }),
      isOver,
    );
    const [first = NaN] = healthOf(whole).map(({ step }) => step);

    const parts: TrainingEvent[] = [];
    let steps = 0;
    const stopped = abortAt((event) => event.kind === "step" && ++steps === first + 1);
    const begun = await training.train(engine, "parts", { given: rolledBackTwice, ...stopped });
    assert.equal(begun.outcome.reason, "interrupted");
    await rm(begun.outcome.checkpoint, { recursive: true }); // which a killed run had not written
    await assert.rejects(
      training.train(engine, "parts", { resume: true, onEvent: (event) => parts.push(event) }),
      isOver,
    );
    const redone = course(begun.events).slice(0, -1);
    assert.deepEqual([...redone, ...course(parts)], course(whole));
  },
);

engineTest("a generator that paints gray is told of, paused or rolled back", async (engine) => {
  await using training = await SmallTraining.create();
  // It never learns to paint.
  const given = { lrG: 0, grayRatio: 0.5, grayValidations: 2, validateEvery: 3, maxSteps: 12 };
  const warned = await training.train(engine, "warn", { given });
  const [told, ...others] = healthOf(warned.events);
  const ratios = warned.events.flatMap((event) =>
    event.kind === "validation" ? [event.validation.colorfulnessRatio] : []
  );
  assert.ok(ratios.every((ratio) => ratio < 0.5), `not gray: ${ratios}`);
  assert.deepEqual([told?.step, told?.action, others.length], [6, "warn", 0]);
  assert.deepEqual(told?.finding.numbers, { ratio: ratios[1], floor: 0.5, since: 3 });

  const paused = await training.train(engine, "pause", {
    given: { ...given, onGrayCollapse: "pause" },
  });
  assert.deepEqual([paused.outcome.reason, paused.outcome.step], ["paused", 6]);
  const resumed = await training.train(engine, "pause", { resume: true });
  assert.deepEqual([resumed.outcome.reason, resumed.outcome.step], ["completed", 12]);
  assert.deepEqual([...paused.losses, ...resumed.losses], warned.losses);

  const rolledBack = { ...given, onGrayCollapse: "rollback", maxRollbacks: 1 };
  await assert.rejects(
    training.train(engine, "rollback", { given: rolledBack }),
    failsWith(
      "failed_precondition",
      /^Training stopped at step 6: colorized photos have 0\.\d+ of/,
    ),
  );
  const lines = (await training.metrics("rollback")).filter(({ kind }) => kind === "health");
  assert.deepEqual(lines.map(({ step, action }) => [step, action]), [[0, "rollback"], [6, "fail"]]);
});
