import assert from "assert";
import { join } from "node:path";
import tf from "@tensorflow/tfjs";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { loadColorizer } from "../../src/inference/load_colorizer.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { CompiledStep } from "../../src/training/compiled_step.ts";
import { encoderPlan } from "../../src/training/encoder_plan.ts";
import { Gan } from "../../src/training/gan.ts";
import { engineTest } from "../engine/test_engine.ts";
import { abortAt, smallOptions, SmallTraining } from "./small_training.ts";

/** The narrowest there is worth testing; nDown stays as by default, since it says nothing here. */
const { nDown: _, ...others } = smallOptions;
const given = { ...others, generator: "resnet18", size: 64, batchSize: 2 };

Deno.test("an encoder's Adam counts the updates that it took part in", () => {
  const config = {
    generator: "resnet18",
    freezeEncoderSteps: 3,
    encoderRate: 1,
    pretrainSteps: 2,
    nCritic: 2,
    criticSteps: 0,
  } as const;
  const plans = [1, 2, 3, 4, 5, 6, 7].map((step) => encoderPlan(step, config));
  assert.deepEqual(
    plans.map(({ encoderLearns }) => encoderLearns),
    [false, false, false, true, true, true, true],
  );
  // The generator's updates: 1, 2, 2, 3, 3, 4, 4.
  assert.deepEqual(plans.map(({ updates }) => updates), [0, 0, 0, 1, 1, 2, 2]);
  assert.deepEqual(encoderPlan(1, { ...config, generator: "unet" }), {
    encoderLearns: true,
    updates: 1,
  });
});

engineTest("a short training of resnet18 lowers L1", async (engine) => {
  await using training = await SmallTraining.create({ count: 12, size: 64 });
  const { losses } = await training.train(engine, "run", {
    given: { ...given, pretrainSteps: 40, maxSteps: 40, lrG: 1e-3 },
  });
  const mean = (part: typeof losses) =>
    part.reduce((sum, { loss_G_L1 = NaN }) => sum + loss_G_L1, 0) / part.length;
  const [first, last] = [mean(losses.slice(0, 5)), mean(losses.slice(-5))];
  assert.ok(last < 0.7 * first, `${first} became ${last}`);
});

engineTest("in bfloat16, a short training of resnet18 lowers L1 nearly as far", async (engine) => {
  await using training = await SmallTraining.create({ count: 12, size: 64 });
  const options = { ...given, pretrainSteps: 30, maxSteps: 30, lrG: 1e-3, decoderNorm: "batch" };
  const ends: number[] = [];
  for (const precision of ["float32", "bfloat16"] as const) {
    const { losses } = await training.train(engine, precision, {
      given: { ...options, precision },
    });
    const L1 = losses.map(({ loss_G_L1 = NaN }) => loss_G_L1);
    assert.ok(L1.every(Number.isFinite), `${precision}: ${L1}`);
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    const [first, last] = [mean(L1.slice(0, 5)), mean(L1.slice(-5))];
    assert.ok(last < 0.8 * first, `${precision}: ${first} became ${last}`);
    ends.push(last);
  }
  // bfloat16 has 8 bits: where the processor computes in it, both go their own ways within some per cent.
  assert.ok(Math.abs(ends[1]! / ends[0]! - 1) < 0.25, `${ends}`);
});

for (
  const [what, options] of [
    ["frozen at first and averaged", { freezeEncoderSteps: 4, emaDecay: 0.9, encoderRate: 0.3 }],
    ["with batch norm, in two batches a step", {
      decoderNorm: "batch",
      encoderNorm: "eval",
      accumulate: 2,
      pretrainSteps: 3,
    }],
  ] as const
) {
  engineTest(`a resumed run of resnet18, ${what}, is that of one go`, async (engine) => {
    await using training = await SmallTraining.create({ count: 16, size: 64 });
    const all = { ...given, ...options, validationFraction: 0.5, validateEvery: 3, maxSteps: 7 };
    const whole = await training.train(engine, "whole", { given: all });
    const stopped = abortAt((event) => event.kind === "step" && event.step === 3);
    const before = await training.train(engine, "parts", { given: all, ...stopped });
    assert.equal(before.outcome.step, 3);
    const after = await training.train(engine, "parts", { resume: true });
    assert.deepEqual([...before.losses, ...after.losses], whole.losses);
    const traces = async ({ outcome }: typeof whole) => {
      const { files, metric, state } = await readCheckpointInfo(outcome.checkpoint);
      return { files, metric, state };
    };
    assert.deepEqual(await traces(after), await traces(whole));
  });
}

engineTest("a resumed run of ddcolor-tiny is that of one go", async (engine) => {
  await using training = await SmallTraining.create({ count: 12 });
  const all = {
    ...{ ...others, generator: "ddcolor-tiny", ngf: 2, nDown: 8 },
    ...{ freezeEncoderSteps: 1, encoderRate: 0.3, emaDecay: 0.9, maxSteps: 4 },
  };
  const whole = await training.train(engine, "whole", { given: all });
  const stopped = abortAt((event) => event.kind === "step" && event.step === 2);
  const before = await training.train(engine, "parts", { given: all, ...stopped });
  const after = await training.train(engine, "parts", { resume: true });
  assert.deepEqual([...before.losses, ...after.losses], whole.losses);
  const filesOf = async ({ outcome }: typeof whole) =>
    (await readCheckpointInfo(outcome.checkpoint)).files;
  assert.deepEqual(await filesOf(after), await filesOf(whole));
});

/** Weights of a generator's part, before and after some steps. */
async function moved(engine: Engine, options: Record<string, unknown>, steps: number) {
  const config = parseTrainingConfig({ ...given, ...options });
  using gan = new Gan(engine, config);
  using step = new CompiledStep(gan, config);
  const names = ["layers.0.4.0.conv1.weight", "layers.0.5.0.bn1.weight", "layers.3.0.0.weight"];
  const read = () =>
    names.map((name) => tf.tidy(() => gan.generator.variable(name).read().dataSync<"float32">()));
  const before = read();
  const pixels = new Uint8Array([...renderScene(1, { size: 64 }), ...renderScene(2, { size: 64 })]);
  for (let i = 1; i <= steps; i++) await step.run(pixels, i, { lrG: 1e-3, lrD: 1e-3 });
  return read().map((values, i) =>
    Math.sqrt(values.reduce((sum, v, j) => sum + (v - before[i]![j]!) ** 2, 0) / values.length)
  );
}

engineTest("a frozen encoder stays, and moves at its own rate later", async (engine) => {
  const [conv, norm, middle] = await moved(engine, { freezeEncoderSteps: 2 }, 2);
  assert.deepEqual([conv, norm], [0, 0]);
  assert.ok(middle! > 5e-4, `${middle}`);
  // The first step of Adam moves each weight by the learning rate, 1e-3, or hardly less.
  const [slow, , fast] = await moved(engine, { encoderRate: 0.1 }, 1);
  assert.ok(slow! > 5e-5 && slow! < 1.01e-4, `${slow}`);
  assert.ok(fast! > 5e-4 && fast! < 1.01e-3, `${fast}`);
  // Just as fast after two steps in which it did not move: its Adam has not counted them.
  const [late] = await moved(engine, { freezeEncoderSteps: 2 }, 3);
  assert.ok(late! > 5e-4 && late! < 1.01e-3, `${late}`);
});

engineTest("a checkpoint of resnet18 colorizes at any size it allows", async (engine) => {
  await using training = await SmallTraining.create({ count: 12, size: 64 });
  const { outcome } = await training.train(engine, "run", { given: { ...given, maxSteps: 2 } });
  for (const path of [outcome.checkpoint, join(outcome.checkpoint, "generator.safetensors")]) {
    using colorizer = await loadColorizer(engine, path, { size: 96 });
    const [ab] = await colorizer.predict([new Uint8Array(96 * 96 * 3).fill(90)]);
    assert.deepEqual(ab?.shape, [96, 96, 2]);
    ab?.dispose();
  }
  await assert.rejects(
    loadColorizer(engine, outcome.checkpoint, { size: 80 }),
    /a multiple of 32, which this model halves 5 times, not 80/,
  );
});
