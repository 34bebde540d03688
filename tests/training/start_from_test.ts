import assert from "assert";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { readEncoder, startFrom, startWithEncoder } from "../../src/training/start_from.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { flagName } from "../../src/terminal/arguments.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { numberAt, writeResnet } from "../checkpoints/torchvision_resnet.ts";
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

engineTest("a run starts with an encoder's weights, and everything else drawn", async (engine) => {
  await using training = await SmallTraining.create();
  const path = training.folder.join("resnet18.safetensors");
  await writeResnet(path, "resnet18", { before: "module.", dtype: "F16" });
  const given = { generator: "resnet18", ngf: 2, maxSteps: 2, emaDecay: 0.9 };
  const drawn = await training.train(engine, "drawn", { given: { ...given, maxSteps: 1 } });
  {
    using run = await training.open("run", { given });
    const weights = await readEncoder(path, run.config);
    await startWithEncoder(engine, run, training.set, weights);
    await using started = await openCheckpoint((await run.store.latest())!);
    const read = async (file: string, name: string) =>
      new Float32Array((await started.file(file).read(name)).buffer);
    for (const file of ["generator.safetensors", "generator_ema.safetensors"]) {
      // The weight of another layout, a batch norm's, and one of the decoder.
      const weight = await read(file, "layers.0.5.0.downsample.0.weight");
      const expected = (_: unknown, i: number) => numberAt("layer2.0.downsample.0.weight", i);
      assert.deepEqual([...weight], Array.from({ length: 8 }, expected));
      const variance = await read(file, "layers.0.1.running_var");
      assert.deepEqual([...variance], [0, 1].map((i) => numberAt("bn1.running_var", i)));
      const decoder = await read(file, "layers.12.0.weight");
      assert.ok(decoder.some((value) => value !== 0));
    }
    assert.equal(started.info.step, 0);
  }
  const trained = await training.train(engine, "run", { resume: true });
  assert.equal(trained.outcome.step, 2);
  assert.notDeepEqual(trained.losses[0], drawn.losses[0]);
});

Deno.test("a U-Net has no encoder that could be filled", async () => {
  await assert.rejects(
    readEncoder("/nowhere.safetensors", parseTrainingConfig({}), { nameOf: flagName }),
    failsWith(
      "invalid_argument",
      /^--encoder-weights needs .*: give --generator resnet18 or resnet34, not unet\.$/,
    ),
  );
});
