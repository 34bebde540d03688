import assert from "assert";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { abortAt, SmallTraining, type SmallTrainingResult } from "./small_training.ts";

/**
 * Of 24 scenes 8 are trained on, in 4 steps an epoch; the others take two batches to validate. Every
 * stop below is in the middle of an epoch, and between two lines of the losses' means.
 */
const given = {
  validationFraction: 0.5,
  maxSteps: 14,
  dropout: 0.5,
  flip: true,
  logEvery: 4,
  validateEvery: 5,
  sampleEvery: 10,
  checkpointEvery: 7,
};

/** All that a training leaves behind, but for times: the whole state is in the checksums. */
async function traces(training: SmallTraining, run: string, { outcome }: SmallTrainingResult) {
  const { files, metric, state } = await readCheckpointInfo(outcome.checkpoint);
  return { files, metric, state, metrics: await training.metrics(run) };
}

engineTest(
  "a run that was stopped and resumed is, to the bit, one that was not",
  async (engine) => {
    await using training = await SmallTraining.create({ count: 24 });
    const whole = await training.train(engine, "whole", { given });
    const expected = await traces(training, "whole", whole);
    const sheets = ({ events }: SmallTrainingResult) =>
      events.flatMap((event) => event.kind === "sample" ? [event.step] : []);

    {
      // After 5 steps, where a validation is due, and after 10, where it is and a sample sheet, too.
      const parts: SmallTrainingResult[] = [];
      for (const [index, stop] of [5, 10, Infinity].entries()) {
        const stopped = abortAt((event) => event.kind === "step" && event.step === stop);
        const start = index === 0 ? { given } : { resume: true };
        parts.push(await training.train(engine, "parts", { ...start, ...stopped }));
      }
      assert.deepEqual(parts.map(({ outcome }) => [outcome.reason, outcome.step]), [
        ["interrupted", 5],
        ["interrupted", 10],
        ["completed", 14],
      ]);
      assert.deepEqual(parts.flatMap(({ losses }) => losses), whole.losses);
      assert.deepEqual(await traces(training, "parts", parts.at(-1)!), expected);
      assert.deepEqual(sheets(whole), [10, 14]);
      assert.deepEqual(parts.flatMap(sheets), [10, 14]);
    }

    {
      // In the middle of the validation after 5 steps.
      const controller = new AbortController();
      const stopped = await training.train(engine, "validation", {
        given,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === "step" && event.step === 5) {
            queueMicrotask(() => controller.abort(new Error("in the middle")));
          }
        },
      });
      assert.equal(stopped.outcome.reason, "interrupted");
      assert.equal(stopped.outcome.step, 5);
      assert.deepEqual(stopped.events.filter(({ kind }) => kind === "validation"), []);
      const resumed = await training.train(engine, "validation", { resume: true });
      assert.deepEqual([...stopped.losses, ...resumed.losses], whole.losses);
      assert.deepEqual(await traces(training, "validation", resumed), expected);
    }

    for (
      const [what, kind, made] of [["sheet", "phase", []], ["judged", "sample", [10]]] as const
    ) {
      // In the middle of the sheet after 10 steps; then between it and the validation.
      const controller = new AbortController();
      let isDone = false;
      const stopped = await training.train(engine, what, {
        given,
        signal: controller.signal,
        onEvent: (event) => {
          isDone ||= event.kind === "step" && event.step === 10;
          if (!isDone || event.kind !== kind) return;
          queueMicrotask(() => controller.abort(new Error("in the middle")));
        },
      });
      assert.deepEqual([stopped.outcome.reason, stopped.outcome.step], ["interrupted", 10]);
      assert.deepEqual(sheets(stopped), made);
      const validated = stopped.events.filter((event) => event.kind === "validation");
      assert.deepEqual(validated.map(({ step }) => step), [5, 7]);
      const resumed = await training.train(engine, what, { resume: true });
      assert.deepEqual(sheets(resumed), [10, 14]);
      assert.deepEqual([...stopped.losses, ...resumed.losses], whole.losses);
      assert.deepEqual(await traces(training, what, resumed), expected);
    }

    {
      // From the checkpoint of step 7, because that of step 10 is damaged; what came after it goes.
      const first = await training.train(engine, "damaged", { given: { ...given, maxSteps: 10 } });
      assert.equal((await training.metrics("damaged")).at(-1)?.step, 10);
      const generator = join(first.outcome.checkpoint, "generator.safetensors");
      await truncate(generator, 1000);
      const resumed = await training.train(engine, "damaged", {
        resume: true,
        given: { maxSteps: 14 },
      });
      assert.equal(resumed.warnings.length, 1);
      assert.match(resumed.warnings[0] ?? "", new RegExp(`${generator} has 1000 bytes`));
      assert.deepEqual(resumed.losses, whole.losses.slice(7));
      const { state, ...others } = await traces(training, "damaged", resumed);
      assert.deepEqual(others, {
        files: expected.files,
        metric: expected.metric,
        metrics: expected.metrics,
      });
      assert.deepEqual(state, expected.state);
    }
  },
);

engineTest(
  "another seed draws other weights and batches, the same seed the same",
  async (engine) => {
    await using training = await SmallTraining.create();
    const runs: SmallTrainingResult[] = [];
    for (const [index, seed] of [3, 3, 4].entries()) {
      runs.push(await training.train(engine, `run-${index}`, { given: { maxSteps: 3, seed } }));
    }
    const [first, second, other] = runs.map(({ losses }) => losses);
    assert.deepEqual(second, first);
    for (const [step, losses] of first!.entries()) {
      assert.notEqual(other![step]!.loss_G_L1, losses.loss_G_L1);
    }
  },
);
