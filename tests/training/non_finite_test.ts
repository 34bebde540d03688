import assert from "assert";
import { readdir } from "node:fs/promises";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import type { TensorSource } from "../../src/checkpoints/safetensors.ts";
import { nonFinite } from "../../src/training/non_finite.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Run } from "../../src/runs/run.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { SmallTraining } from "./small_training.ts";

/** Saves a run's newest checkpoint again, with every number of one of its tensors replaced. */
async function poison(run: Run, file: string, tensor: string, value: number): Promise<void> {
  await using checkpoint = await run.store.loadLatestGood();
  const { info } = checkpoint;
  const tensors = Object.fromEntries(info.files.map(({ name }) => {
    const source = checkpoint.file(name);
    return [
      name,
      source.tensors.map(({ name: tensorName, dtype, shape }): TensorSource => ({
        name: tensorName,
        dtype,
        shape,
        data: async () => {
          const bytes = await source.read(tensorName);
          if (name !== file || tensorName !== tensor) return bytes;
          return new Uint8Array(new Float32Array(bytes.length / 4).fill(value).buffer);
        },
      })),
    ];
  }));
  await run.store.save({ step: info.step, tensors, state: info.state });
}

const causes = [
  {
    what: "losses are not finite",
    file: "generator.safetensors",
    tensor: "model.model.0.weight",
    value: 3e38,
    start: {},
    resumed: {},
    says: /stopped at step 3: .*loss_G_L1 is (NaN|Infinity)/,
  },
  {
    what: "weights that are to be saved are not finite",
    file: "optimizer_G.safetensors",
    tensor: "exp_avg.model.model.0.weight",
    value: 3e38,
    start: { lrG: 1 },
    resumed: { checkpointEvery: 1 },
    says: /stopped at step 3: a weight is not a finite number/,
  },
  {
    what: "a validation is not finite",
    file: "generator.safetensors",
    // Finite, so that they are loaded; divided by the deviation of 0 the mean is not any more.
    tensor: "model.model.1.model.2.running_mean",
    value: 3e38,
    alsoZero: "model.model.1.model.2.running_var",
    start: {},
    resumed: { validateEvery: 1 },
    says: /stopped at step 3: the validation's ab error is NaN/,
  },
];

for (const { what, file, tensor, value, alsoZero, start, resumed, says } of causes) {
  engineTest(
    `training stops where ${what}, and names the last good checkpoint`,
    async (engine) => {
      await using training = await SmallTraining.create({ count: 8 });
      const { outcome } = await training.train(engine, "run", { given: { maxSteps: 2, ...start } });
      {
        using run = await training.open("run", { resume: true });
        await poison(run, file, tensor, value);
        if (alsoZero !== undefined) await poison(run, file, alsoZero, 0);
      }
      await assert.rejects(
        training.train(engine, "run", { resume: true, given: { maxSteps: 6, ...resumed } }),
        failsWith(
          "failed_precondition",
          says,
          new RegExp(`good checkpoint is ${outcome.checkpoint}`),
        ),
      );
      assert.deepEqual(await readdir(training.path("run/checkpoints")), ["step-00000002"]);
      for (const entry of await training.metrics("run")) {
        for (const [name, number] of Object.entries(entry)) {
          assert.ok(typeof number === "string" || Number.isFinite(number), `${name} is ${number}`);
        }
      }
    },
  );
}

/** A run of four steps, with the checkpoints 2 and 4, of which the newer one is poisoned. */
async function poisoned(engine: Engine): Promise<SmallTraining> {
  const training = await SmallTraining.create({ count: 8 });
  await training.train(engine, "run", { given: { maxSteps: 4, checkpointEvery: 2 } });
  using run = await training.open("run", { resume: true });
  await poison(run, "generator.safetensors", "model.model.0.weight", 3e38);
  return training;
}

engineTest(
  "a run that is not finite pauses at its last checkpoint, if so asked",
  async (engine) => {
    await using training = await poisoned(engine);
    const given = { maxSteps: 6, onNonFinite: "pause" };
    const { outcome, events } = await training.train(engine, "run", { resume: true, given });
    const { reason, step, checkpoint, finding } = outcome;
    assert.deepEqual(
      { reason, step, checkpoint, check: finding?.check },
      {
        reason: "paused",
        step: 4,
        checkpoint: training.path("run/checkpoints/step-00000004"),
        check: "non_finite",
      },
    );
    assert.match(finding?.what ?? "", /loss_G_L1 is (NaN|Infinity)/);
    assert.deepEqual(
      events.map((event) => [event.kind, event.step]),
      [["health", 5]],
    );
  },
);

engineTest("a run that is not finite goes back as far as it takes, if so asked", async (engine) => {
  await using training = await poisoned(engine);
  const given = { maxSteps: 6, onNonFinite: "rollback", rollbackRate: 0.25 };
  const { outcome, events, losses } = await training.train(engine, "run", { resume: true, given });
  assert.deepEqual([outcome.reason, outcome.step], ["completed", 6]);
  // First to step 4, which is no good: its first step fails. Then to step 2.
  const steps = events.flatMap((event) => event.kind === "step" ? [event.step] : []);
  assert.deepEqual(steps, [3, 4, 5, 6]);
  const told = events.flatMap((event) =>
    event.kind === "health" ? [[event.step, event.action]] : []
  );
  assert.deepEqual(told, [[5, "rollback"], [5, "rollback"]]);
  assert.ok(losses.every(({ loss_G }) => Number.isFinite(loss_G)));
  const rates = events.flatMap((event) => event.kind === "step" ? [event.lrG] : []);
  assert.deepEqual(new Set(rates), new Set([2e-4 * 0.0625]));
});

Deno.test("the error of a run without a checkpoint says that there is none", async () => {
  await using folder = await TemporaryFolder.create();
  const store = await openCheckpointStore(folder.path, { programVersion: "test" });
  failsWith(
    "failed_precondition",
    /^Training stopped at step 1: loss_G is NaN\. There is no checkpoint yet: start a new run with/,
  )(await nonFinite("loss_G is NaN", 1, store));
});
