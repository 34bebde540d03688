import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Engine } from "../../src/engine/engine.ts";
import type { Network } from "../../src/model/network.ts";
import { isTrainable } from "../../src/model/parameters.ts";
import { stateVariables } from "../../src/training/checkpointing.ts";
import { CompiledStep, type Losses } from "../../src/training/compiled_step.ts";
import { Gan } from "../../src/training/gan.ts";
import { engineTest } from "../engine/test_engine.ts";
import { runReplicas } from "../replicas/programs.ts";
import { noisePixels, replicatedConfig, replicatedConfigWith } from "./replicated_fixture.ts";

const program = new URL("./replicated_step_program.ts", import.meta.url);

/** Numbers by name. */
type Values = Map<string, Float32Array>;

const zip = (a: Float32Array, of: (each: number, i: number) => number) => a.map(of);

/** The means of what single runs gave. */
function means(runs: readonly Values[]): Values {
  return new Map([...runs[0]!].map(([name, first]) => [
    name,
    zip(first, (_, i) => runs.reduce((sum, run) => sum + run.get(name)![i]!, 0) / runs.length),
  ]));
}

/** Values after Adam's first step (Kingma & Ba, 2015, with PyTorch's epsilon). */
function afterAdam(values: Values, gradients: Values, rate: number): Values {
  const { adamEpsilon } = replicatedConfig;
  return new Map([...values].map(([name, value]) => {
    const gradient = gradients.get(name);
    if (gradient === undefined) return [name, value]; // a running statistic
    return [
      name,
      zip(value, (w, i) => w - rate * gradient[i]! / (Math.abs(gradient[i]!) + adamEpsilon)),
    ];
  }));
}

async function valuesOf(engine: Engine, network: Network): Promise<Values> {
  const values: Values = new Map();
  for (const { name } of network.specs) {
    const tensor = network.variable(name).read();
    values.set(name, await engine.read(tensor));
    tensor.dispose();
  }
  return values;
}

/** One step of one replica, alone, which moves no weight: its gradients, statistics and losses. */
async function singleRun(
  engine: Engine,
  rank: number,
  discriminator?: Values,
  given: Readonly<Record<string, unknown>> = {},
) {
  // The draws of replica `rank`: see CompiledStep.
  const config = replicatedConfigWith({ ...given, lrG: 0, lrD: 0 });
  using gan = new Gan(engine, config);
  if (discriminator) {
    gan.discriminator.assign(({ name, shape }) => tf.tensor(discriminator.get(name)!, [...shape]));
  }
  using step = new CompiledStep(gan, { ...config, seed: config.seed + rank * 2 ** 16 });
  const losses = await step.run(noisePixels(rank, 1), 1, config);
  const gradients = async (network: Network, adam: Gan["adamG"]): Promise<Values> => {
    const found: Values = new Map();
    for (const { name } of network.specs.filter(isTrainable)) {
      const m = adam.m.get(name)!.read();
      found.set(name, (await engine.read(m)).map((each) => each / (1 - config.beta1)));
      m.dispose();
    }
    return found;
  };
  return {
    losses,
    generator: await valuesOf(engine, gan.generator),
    discriminator: await valuesOf(engine, gan.discriminator),
    gradientsG: await gradients(gan.generator, gan.adamG),
    gradientsD: await gradients(gan.discriminator, gan.adamD),
  };
}

/** What replicas have to come to, computed from runs of one replica each. */
async function expectedOf(engine: Engine, count: number, lrD: number) {
  const ranks = Array.from({ length: count }, (_, rank) => rank);
  const first = [];
  for (const rank of ranks) first.push(await singleRun(engine, rank));
  const gradientsD = means(first.map((run) => run.gradientsD));
  const untouched = first[0]!.discriminator;
  const discriminator = afterAdam(untouched, gradientsD, lrD);
  // The generator learns from the discriminator that all have just updated.
  const second = [];
  for (const rank of ranks) second.push(await singleRun(engine, rank, discriminator));
  const gradientsG = means(second.map((run) => run.gradientsG));
  const generator = afterAdam(means(first.map((run) => run.generator)), gradientsG, 0.01);
  const statisticsD = means(first.map((run) => run.discriminator));
  const lossesD = first.map((run) => run.losses);
  const lossesG = second.map((run) => run.losses);
  const mean = (losses: Losses[], name: keyof Losses) =>
    losses.reduce((sum, each) => sum + (each[name] ?? NaN), 0) / count;
  return {
    generator,
    discriminator,
    gradientsG,
    gradientsD,
    statisticsD,
    losses: {
      loss_D: mean(lossesD, "loss_D"),
      loss_G_L1: mean(lossesG, "loss_G_L1"),
      loss_G_GAN: mean(lossesG, "loss_G_GAN"),
    },
  };
}

/** Asserts equality to 1e-6; of numbers above 1, to a millionth, which is 8 times their last digit. */
function assertNear(actual: readonly number[], expected: Float32Array, what: string): void {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    const off = Math.abs(value - actual[i]!);
    assert.ok(off <= 1e-6 * Math.max(1, Math.abs(value)), `${what} is ${actual[i]}, not ${value}`);
  });
}

for (const [count, lrD] of [[2, 0], [2, 0.01], [3, 0.01]] as const) {
  engineTest(
    `${count} replicas move as the mean of their single gradients says (lrD ${lrD})`,
    async (engine) => {
      const expected = await expectedOf(engine, count, lrD);
      const outputs = await runReplicas(program, count, [String(lrD)]);
      for (const { code, stderr } of outputs) assert.equal(code, 0, stderr);
      const [losses, state] = outputs[0]!.values as [Losses, number[][]];
      for (const [name, value] of Object.entries(expected.losses)) {
        assertNear([losses[name as keyof Losses] ?? NaN], Float32Array.of(value), name);
      }

      using gan = new Gan(engine, replicatedConfig);
      const values = new Map(stateVariables(gan).map((variable, i) => [variable, state[i]!]));
      const { generator, discriminator } = gan;
      for (const { name, role } of generator.specs) {
        assertNear(
          values.get(generator.variable(name))!,
          expected.generator.get(name)!,
          `G ${name}`,
        );
        if (role === "runningMean" || role === "runningVariance") continue;
        const m = values.get(gan.adamG.m.get(name)!)!.map((each) => each / 0.5);
        assertNear(m, expected.gradientsG.get(name)!, `the gradient of G ${name}`);
      }
      for (const spec of discriminator.specs) {
        const { name } = spec;
        const actual = values.get(discriminator.variable(name))!;
        if (isTrainable(spec)) {
          assertNear(actual, expected.discriminator.get(name)!, `D ${name}`);
          const m = values.get(gan.adamD.m.get(name)!)!.map((each) => each / 0.5);
          assertNear(m, expected.gradientsD.get(name)!, `the gradient of D ${name}`);
        } else if (lrD === 0) { // else its last pass was made by the updated one
          assertNear(actual, expected.statisticsD.get(name)!, `D ${name}`);
        }
      }

      // Bit by bit the same everywhere, after one step and after four: losses, and hashes of all.
      const [first, ...others] = outputs.map(({ values }) => [values[0], ...values.slice(2)]);
      assert.equal(new Set(first!.map((each) => JSON.stringify(each))).size, 6);
      for (const other of others) assert.deepEqual(other, first);
    },
  );
}

engineTest(
  "two replicas of a resnet18 average its encoder's gradients and statistics",
  async (engine) => {
    const given = { generator: "resnet18", ngf: 2, decoderNorm: "batch", encoderRate: 0.5 };
    const single = [
      await singleRun(engine, 0, undefined, given),
      await singleRun(engine, 1, undefined, given),
    ];
    const outputs = await runReplicas(program, 2, ["0", JSON.stringify(given)]);
    for (const { code, stderr } of outputs) assert.equal(code, 0, stderr);
    const [losses, state] = outputs[0]!.values as [Losses, number[][]];
    const meanL1 = single.reduce((sum, run) => sum + run.losses.loss_G_L1!, 0) / 2;
    assertNear([losses.loss_G_L1!], Float32Array.of(meanL1), "loss_G_L1");
    using gan = new Gan(engine, replicatedConfigWith(given));
    const values = new Map(stateVariables(gan).map((variable, i) => [variable, state[i]!]));
    const gradients = means(single.map((run) => run.gradientsG));
    const statistics = means(single.map((run) => run.generator));
    // Of a deep network with ReLUs the rounding of one convolution moves gradients by more than a
    // millionth; averaging another set, or none, moves them by half.
    const assertAlike = (actual: readonly number[], expected: Float32Array, what: string) => {
      const lengthOf = (numbers: readonly number[]) => Math.hypot(...numbers);
      const off = lengthOf(actual.map((value, i) => value - expected[i]!));
      const all = lengthOf([...expected]);
      assert.ok(off <= 1e-3 * all + 1e-7, `${what} is ${off} off a length of ${all}`);
    };
    for (const spec of gan.generator.specs) {
      const variable = gan.generator.variable(spec.name);
      if (!isTrainable(spec)) {
        assertAlike(values.get(variable)!, statistics.get(spec.name)!, spec.name);
        continue;
      }
      const m = values.get(gan.adamG.m.get(spec.name)!)!.map((each) => each / 0.5);
      assertAlike(m, gradients.get(spec.name)!, `the gradient of ${spec.name}`);
    }
    // Bit by bit the same in both, after one step and after four.
    const [first, other] = outputs.map(({ values }) => [values[0], ...values.slice(2)]);
    assert.deepEqual(other, first);
  },
);

engineTest("two replicas under spectral norm keep one estimate of it", async (engine) => {
  const given = { normD: "spectral" };
  const single = [
    await singleRun(engine, 0, undefined, given),
    await singleRun(engine, 1, undefined, given),
  ];
  const outputs = await runReplicas(program, 2, ["0", JSON.stringify(given)]);
  for (const { code, stderr } of outputs) assert.equal(code, 0, stderr);
  const [, state] = outputs[0]!.values as [Losses, number[][]];
  using gan = new Gan(engine, replicatedConfigWith(given));
  const values = new Map(stateVariables(gan).map((variable, i) => [variable, state[i]!]));
  const { discriminator, generator } = gan;
  const gradientsD = means(single.map((run) => run.gradientsD));
  for (const spec of discriminator.specs) {
    const { name } = spec;
    if (isTrainable(spec)) {
      const m = values.get(gan.adamD.m.get(name)!)!.map((each) => each / 0.5);
      assertNear(m, gradientsD.get(name)!, `the gradient of D ${name}`);
    } else { // the vectors follow from the weights, not from the photos
      assert.deepEqual(single[0]!.discriminator.get(name), single[1]!.discriminator.get(name));
      assertNear(
        values.get(discriminator.variable(name))!,
        single[0]!.discriminator.get(name)!,
        name,
      );
    }
  }
  const gradientsG = means(single.map((run) => run.gradientsG));
  for (const { name } of generator.specs.filter(isTrainable)) {
    const m = values.get(gan.adamG.m.get(name)!)!.map((each) => each / 0.5);
    assertNear(m, gradientsG.get(name)!, `the gradient of G ${name}`);
  }
  const [first, other] = outputs.map(({ values }) => [values[0], ...values.slice(2)]);
  assert.deepEqual(other, first);
});
