import assert from "assert";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { startFrom } from "../../src/training/start_from.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { engineTest } from "../engine/test_engine.ts";
import { SmallTraining } from "./small_training.ts";

engineTest(
  "a run starts from another's weights, with its own fresh optimizers and pool",
  async (engine) => {
    await using training = await SmallTraining.create();
    const given = { maxSteps: 2, ganMode: "lsgan", normD: "instance" };
    const { outcome } = await training.train(engine, "first", { given });
    {
      // Another loss, and a pool that the first run has not: the weights fit all the same.
      const other = { maxSteps: 3, ganMode: "wgangp", poolSize: 2, emaDecay: 0.9 };
      using run = await training.open("second", { given: other });
      await startFrom(engine, run, training.set, outcome.checkpoint);
      await using before = await openCheckpoint(await readCheckpointInfo(outcome.checkpoint));
      await using started = await openCheckpoint((await run.store.latest())!);
      for (const file of ["generator.safetensors", "discriminator.safetensors"]) {
        for (const { name } of before.file(file).tensors) {
          assert.deepEqual(await started.file(file).read(name), await before.file(file).read(name));
        }
      }
      for (
        const file of ["optimizer_G.safetensors", "optimizer_D.safetensors", "pool.safetensors"]
      ) {
        for (const { name } of started.file(file).tensors) {
          assert.ok((await started.file(file).read(name)).every((byte) => byte === 0), name);
        }
      }
    }
    const { outcome: trained } = await training.train(engine, "second", { resume: true });
    assert.equal(trained.step, 3);
  },
);

engineTest(
  "a checkpoint whose discriminator has another norm or judged other pictures is refused",
  async (engine) => {
    await using training = await SmallTraining.create();
    const first = { maxSteps: 1, ganMode: "hinge", normD: "instance" };
    const { outcome } = await training.train(engine, "first", { given: first });
    const norm = "normD, which ganMode decides where it is auto";
    const cases = [
      // Batch norm has other tensors, none has the same.
      [{ ganMode: "hinge" }, "instance norm, not with batch norm", norm],
      [{ ganMode: "hinge", normD: "none" }, "instance norm, not with no norm", norm],
      [{ ganMode: "hinge", normD: "spectral" }, "instance norm, not with spectral norm", norm],
      // It would fit as well.
      [{ ...first, judge: "rgb" }, "L beside ab, not with sRGB pictures", "judge"],
    ] as const;
    for (const [index, [given, what, options]] of cases.entries()) {
      using run = await training.open(`other-${index}`, { given });
      await assert.rejects(
        startFrom(engine, run, training.set, outcome.checkpoint),
        failsWith(
          "failed_precondition",
          new RegExp(
            "is of another configuration: its discriminator was trained with " +
              `${what} \\(${options}\\)\\.$`,
          ),
        ),
      );
    }
    await assert.rejects(
      training.train(engine, "first", { resume: true, given: { normD: "none" } }),
      failsWith("invalid_argument", /normD was instance when the run began and cannot become none/),
    );
  },
);
