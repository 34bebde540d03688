import assert from "assert";
import { join } from "node:path";
import tf from "@tensorflow/tfjs";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { ColorGuide } from "../../src/hints/color_guide.ts";
import { loadColorizer } from "../../src/inference/load_colorizer.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { CompiledStep } from "../../src/training/compiled_step.ts";
import { Gan } from "../../src/training/gan.ts";
import { GanColors } from "../../src/training/gan_colors.ts";
import { startFrom } from "../../src/training/start_from.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { abortAt, smallOptions, SmallTraining } from "./small_training.ts";

for (const generator of ["unet", "resnet18"] as const) {
  const { nDown, ...others } = smallOptions;
  const given = { ...others, ...(generator === "unet" ? { nDown } : {}), generator, size: 64 };

  engineTest(`a ${generator} with hints begins as the same one without`, async (engine) => {
    const pixels = renderScene(3, { size: 64 });
    const predicted: Float32Array[] = [];
    for (const hints of [false, true]) {
      using gan = new Gan(engine, parseTrainingConfig({ ...given, hints }));
      using colors = new GanColors(gan, "float32");
      const input = engine.uint8Tensor(pixels, [1, 64, 64, 3]);
      const ab = await colors.predictColors(input);
      predicted.push(Float32Array.from(await engine.read(ab)));
      tf.dispose([input, ab]);
    }
    // Zeros added in another order of summing.
    assertClose(predicted[1]!, predicted[0]!, { absolute: 1e-6 });
  });

  engineTest(`a ${generator} with hints goes on from one without`, async (engine) => {
    await using training = await SmallTraining.create({ size: 64 });
    const { outcome } = await training.train(engine, "first", { given: { ...given, maxSteps: 1 } });
    const hinted = { ...given, hints: true, maxSteps: 2 };
    {
      using run = await training.open("second", { given: hinted });
      await startFrom(engine, run, training.set, outcome.checkpoint);
      await using before = await openCheckpoint(await readCheckpointInfo(outcome.checkpoint));
      await using started = await openCheckpoint((await run.store.latest())!);
      const name = generator === "unet" ? "model.model.0.weight" : "layers.0.0.weight";
      const read = async (checkpoint: typeof before) =>
        new Float32Array(
          (await checkpoint.file("generator.safetensors").read(name)).slice().buffer,
        );
      const [old, wide] = [await read(before), await read(started)];
      assert.equal(wide.length, 4 * old.length);
      const taps = generator === "unet" ? 16 : 49; // [ngf, inputs, kh, kw] in the file
      const first = wide.filter((_, i) => i % (4 * taps) < taps);
      assert.deepEqual(first, old);
      assert.ok(wide.every((value, i) => i % (4 * taps) < taps || value === 0));
    }
    const { outcome: trained, losses } = await training.train(engine, "second", { resume: true });
    assert.equal(trained.step, 2);
    assert.ok(losses.every(({ loss_G_hint }) => loss_G_hint !== undefined));
  });
}

engineTest(
  "the hints' part of the loss is what it is said to be, and reaches the weights",
  async (engine) => {
    const config = parseTrainingConfig({
      ...smallOptions,
      hints: true,
      lambdaL1: 50,
      lambdaHint: 4,
    });
    using gan = new Gan(engine, config);
    using step = new CompiledStep(gan, config);
    const { size, batchSize } = config;
    const pixels = new Uint8Array(
      Array.from({ length: batchSize }, (_, i) => [...renderScene(i, { size })]).flat(),
    );
    const name = "model.model.0.weight";
    const last = () => tf.tidy(() => tf.slice(gan.generator.variable(name).read(), [0, 0, 1, 0]));
    const losses = await step.run(pixels, 1, { lrG: 1e-3, lrD: 1e-3 });
    const { loss_G = NaN, loss_G_GAN = NaN, loss_G_L1 = NaN, loss_G_hint = NaN } = losses;
    assertClose([loss_G], [loss_G_GAN + loss_G_L1 + loss_G_hint], { relative: 1e-5 });
    assert.ok(loss_G_hint > 0 && loss_G_hint < 4 * loss_G_L1, `${loss_G_hint} beside ${loss_G_L1}`);
    const moved = last();
    const values = await engine.read(moved);
    moved.dispose();
    assert.ok(values.every((value) => value !== 0), "every weight of the hints has moved");
  },
);

engineTest(
  "a generator learns to follow hints, and is measured without and with them",
  async (engine) => {
    await using training = await SmallTraining.create({ count: 32 });
    const events: TrainingEvent[] = [];
    const given = {
      ...smallOptions,
      ...{ hints: true, batchSize: 8, maxSteps: 250, pretrainSteps: 250, lrG: 2e-3, dropout: 0 },
      ...{ validationFraction: 0.25, validateEvery: 250 },
    };
    const { outcome } = await training.train(engine, "run", {
      given,
      onEvent: (event) => void events.push(event),
    });
    const [measured] = events.flatMap((event) => event.kind === "validation" ? [event] : []);
    assert.ok(measured);
    assert.deepEqual(measured.hinted.map(({ hints }) => hints), [1, 10, 100]);
    const [one, ten, hundred] = measured.hinted;
    // Hundred patches of 6 x 6 cover most of these small scenes, so that nearly all is told.
    assert.ok(hundred!.psnr > ten!.psnr && ten!.psnr > one!.psnr, "more hints, better pictures");
    assert.ok(hundred!.psnr > measured.validation.psnr + 2, `${hundred!.psnr} dB`);
    assert.ok(hundred!.hintError < 0.7 * measured.validation.abError, `${hundred!.hintError}`);

    // The same when it is served: what is told of a corner changes what the network makes of it.
    using colorizer = await loadColorizer(engine, outcome.checkpoint);
    assert.equal(colorizer.takesHints, true);
    const square = new Uint8Array(32 * 32 * 3).fill(128);
    const hints = [{ x: 8, y: 8, radius: 3, a: 60, b: 40 }];
    const guide = await ColorGuide.over({ width: 32, height: 32, rgb: square }, { hints });
    const predicted = await colorizer.predict([square, square], [undefined, guide]);
    const colors = predicted.map((ab) => {
      const near = tf.tidy(() => tf.mean(tf.slice(ab, [7, 7, 0], [3, 3, 2]), [0, 1]).dataSync());
      ab.dispose();
      return [...near].map((each) => 110 * each);
    });
    const distance = ([a = 0, b = 0]: number[]) => Math.hypot(a - 60, b - 40);
    assert.ok(distance(colors[1]!) < 0.6 * distance(colors[0]!), `${colors.join(" and ")}`);
    // From the generator's file alone, too.
    using exported = await loadColorizer(
      engine,
      join(outcome.checkpoint, "generator.safetensors"),
      {
        size: 32,
      },
    );
    assert.equal(exported.takesHints, true);
  },
);

engineTest("a resumed run with hints is that of one go", async (engine) => {
  await using training = await SmallTraining.create({ count: 12 });
  const given = { ...smallOptions, hints: true, accumulate: 2, batchSize: 2, maxSteps: 5 };
  const whole = await training.train(engine, "whole", { given });
  const stopped = abortAt((event) => event.kind === "step" && event.step === 2);
  const before = await training.train(engine, "parts", { given, ...stopped });
  const after = await training.train(engine, "parts", { resume: true });
  assert.deepEqual([...before.losses, ...after.losses], whole.losses);
});
