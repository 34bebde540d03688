import assert from "assert";
import { fileURLToPath } from "node:url";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { openSafetensors } from "../../src/checkpoints/safetensors.ts";
import { parseTrainingConfig, type TrainingConfig } from "../../src/config/training.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { FrozenGenerator } from "../../src/inference/frozen_generator.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import type { Network } from "../../src/model/network.ts";
import { channelsFirst, channelsLast, fromPytorchLayout } from "../../src/model/pytorch_layout.ts";
import { pytorchShape } from "../../src/model/parameters.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { fixtureConfig } from "../model/fixture.ts";
import { smallConfig, smallGenerator } from "./small_model.ts";

async function freeze(
  engine: Engine,
  generator: Network,
  config: TrainingConfig,
  precision?: "float32" | "bfloat16",
): Promise<FrozenGenerator> {
  const read = ({ name }: { name: string }) => Promise.resolve(generator.variable(name).read());
  return await FrozenGenerator.load(engine, config, read, { precision });
}

/** Random lightness. */
function pictures(batch: number, size: number): Tensor {
  return tf.randomUniform([batch, size, size, 1], -1, 1, "float32", 7);
}

async function predicted(frozen: FrozenGenerator, L: Tensor): Promise<Float32Array> {
  const ab = await frozen.predict(L);
  const values = await ab.data<"float32">();
  ab.dispose();
  return values;
}

function expected(generator: Network, L: Tensor, config: TrainingConfig): Float32Array {
  const { forward } = generatorArchitecture(config);
  return tf.tidy(() => forward(L, generator.evaluation()).dataSync<"float32">());
}

const shapes = [
  // The innermost level is 1x1; levels as products and as convolutions.
  { ...smallConfig },
  // It is 2x2, and 3 deep levels have as many channels.
  parseTrainingConfig({ size: 64, nDown: 5, ngf: 8, leakySlope: 0.1, batchNormEpsilon: 1e-3 }),
  parseTrainingConfig({ size: 64, nDown: 6, ngf: 24, leakySlope: 0 }),
];

for (const config of shapes) {
  const { size, nDown, ngf } = config;
  engineTest(`FrozenGenerator is unet() in evaluation: ${size}/${nDown}/${ngf}`, async (engine) => {
    using generator = smallGenerator(engine, config);
    using frozen = await freeze(engine, generator, config);
    for (const batch of [1, 3]) {
      const L = pictures(batch, size);
      const reference = expected(generator, L, config);
      // ab is not tiny, or the comparison would say nothing.
      assert.ok(reference.reduce((sum, v) => sum + v * v, 0) / reference.length > 0.01);
      // float32 in another order of sums, through 2 nDown layers; measured 3e-7.
      assertClose(await predicted(frozen, L), reference, { absolute: 2e-6 });
      L.dispose();
    }
  });
}

for (
  const given of [
    { generator: "resnet18", decoderNorm: "none" },
    { generator: "resnet34", decoderNorm: "batch" },
    { generator: "resnet18", decoderNorm: "spectral" },
  ]
) {
  const name = `${given.generator} with decoder norm ${given.decoderNorm}`;
  engineTest(`FrozenGenerator is the network in evaluation: ${name}`, async (engine) => {
    const config = parseTrainingConfig({ ...given, size: 64, ngf: 8 });
    using generator = smallGenerator(engine, config);
    using frozen = await freeze(engine, generator, config);
    for (const batch of [1, 3]) {
      const L = pictures(batch, config.size);
      const reference = expected(generator, L, config);
      const size = Math.sqrt(reference.reduce((sum, v) => sum + v * v, 0) / reference.length);
      assert.ok(size > 0.01, `${size}`);
      // float32 in another order of sums, through some 40 layers without a tanh at the end.
      assertClose(await predicted(frozen, L), reference, { absolute: 2e-5 * Math.max(1, size) });
      L.dispose();
    }
  });
}

engineTest("FrozenGenerator in bfloat16 is near float32", async (engine) => {
  using generator = smallGenerator(engine);
  using frozen = await freeze(engine, generator, smallConfig, "bfloat16");
  const L = pictures(2, smallConfig.size);
  const [actual, reference] = [await predicted(frozen, L), expected(generator, L, smallConfig)];
  L.dispose();
  // Each rounding to bfloat16 is off by up to 2^-9 of the value, and ten layers follow one another.
  assertClose(actual, reference, { absolute: 10 * 2 ** -9 });
  const errors = reference.map((value, i) => Math.abs(value - actual[i]!));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  assert.ok(mean > 1e-5, "it was not computed in bfloat16");
  assert.ok(mean < 0.004, `${mean}`);
});

const fixtures = [
  "vanilla",
  "lsgan",
  "vanilla_xavier",
  "lsgan_soft_labels",
  "resnet18",
  "resnet18_batch",
  "resnet18_spectral",
  "resnet34",
  "ddcolor_tiny",
];
for (const name of fixtures) {
  engineTest(`FrozenGenerator agrees with PyTorch's evaluation: ${name}`, async (engine) => {
    const folder = fileURLToPath(new URL(`../testdata/parity/${name}/`, import.meta.url));
    const config = fixtureConfig(name);
    const { size } = config;
    await using weights = await openSafetensors(`${folder}generator_final.safetensors`);
    await using evaluation = await openSafetensors(`${folder}eval.safetensors`);
    await using batches = await openSafetensors(`${folder}batches.safetensors`);
    const floats = async (file: typeof weights, name: string) =>
      new Float32Array((await file.read(name)).buffer);
    using frozen = await FrozenGenerator.load(engine, config, async (spec) => {
      const values = await floats(weights, spec.name);
      return tf.tidy(() => fromPytorchLayout(tf.tensor(values, pytorchShape(spec)), spec));
    });
    const [, batch = 0] = batches.get("L")?.shape ?? [];
    const count = batch * size * size;
    const values = (await floats(batches, "L")).subarray(0, count); // of the first step
    const L = tf.tidy(() => channelsLast(tf.tensor(values, [batch, 1, size, size])));
    const ab = await frozen.predict(L);
    const actual = tf.tidy(() => channelsFirst(ab).dataSync());
    tf.dispose([L, ab]);
    const reference = await floats(evaluation, "eval_fake");
    const sum = reference.reduce((total, v, i) => total + Math.abs(v - actual[i]!), 0);
    assert.ok(sum / reference.length < 1e-4, `${sum / reference.length}`); // the fixture's tolerance
  });
}

engineTest("FrozenGenerator leaves nothing behind when a tensor cannot be read", async (engine) => {
  let reads = 0;
  const read = (spec: { shape: readonly number[] }) => {
    if (++reads === 9) return Promise.reject(new Error("gone"));
    return Promise.resolve(tf.zeros([...spec.shape]));
  };
  await assert.rejects(FrozenGenerator.load(engine, smallConfig, read), /gone/);
});

engineTest("FrozenGenerator stops loading when it is told to", async (engine) => {
  const controller = new AbortController();
  let reads = 0;
  const read = (spec: { shape: readonly number[] }) => {
    if (++reads === 4) controller.abort(new Error("enough"));
    return Promise.resolve(tf.zeros([...spec.shape]));
  };
  const { signal } = controller;
  await assert.rejects(FrozenGenerator.load(engine, smallConfig, read, { signal }), /enough/);
  assert.ok(reads < 10, `${reads} tensors were read, of 40`);
});
