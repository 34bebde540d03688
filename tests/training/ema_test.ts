import assert from "assert";
import tf from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { emaShare, GeneratorEma } from "../../src/training/ema.ts";
import { initialValue } from "../../src/model/initializers.ts";
import { Network } from "../../src/model/network.ts";
import { type ParameterSpec, spectralConvolutionSpec } from "../../src/model/parameters.ts";
import { Gan } from "../../src/training/gan.ts";
import { assertClose, engineTest, makeVariable, valuesOf } from "../engine/test_engine.ts";

Deno.test("the first updates forget the drawn weights, later ones have the plain decay", () => {
  const decays = [1, 2, 10, 80, 81, 100, 1e6].map((t) => 1 - emaShare(0.9, t));
  const expected = [2 / 11, 3 / 12, 11 / 20, 81 / 90, 0.9, 0.9, 0.9];
  assertClose(decays, expected, { absolute: 1e-15 });
});

engineTest("a variable moves towards another one by a share of the way", async (engine) => {
  using average = makeVariable(engine, [1, -2, 0, 8]);
  using target = makeVariable(engine, [3, -2, 1, 0]);
  tf.tidy(() => average.moveTowards(target, tf.scalar(0.25)));
  assert.deepEqual(valuesOf(() => average.read()), [1.5, -2, 0.25, 6]); // exact in float32
  using step = new CompiledFunction(engine, (share) => {
    target.assign(tf.mul(target.read(), 2));
    average.moveTowards(target, share!); // sees the target that has just been written
    return [average.read()];
  }, { name: "follow" });
  const share = tf.scalar(0.5);
  const [result] = await step.call(share);
  assert.deepEqual([...result!.dataSync()], [3.75, -3, 1.125, 3]);
  assert.deepEqual(valuesOf(() => average.read()), [3.75, -3, 1.125, 3]);
  assert.deepEqual(valuesOf(() => target.read()), [6, -4, 2, 0]);
  tf.dispose([share, result!]);
});

engineTest("the average is that of every weight and statistic over the updates", (engine) => {
  const small = { size: 32, nDown: 5, ngf: 2, ndf: 2, nLayers: 2 };
  using gan = new Gan(engine, parseTrainingConfig({ ...small, emaDecay: 0.75 }));
  const ema = gan.ema!;
  const names = ["model.model.0.weight", "model.model.1.model.3.running_var"].map((like) => {
    const found = gan.generator.specs.find(({ name }) => name === like) ??
      gan.generator.specs.find(({ role }) => role === "runningVariance")!;
    return found.name;
  });
  const read = (network: typeof gan.generator, name: string) =>
    valuesOf(() => network.variable(name).read());
  const expected = new Map(names.map((name) => [name, read(gan.generator, name)]));
  for (const name of names) assert.deepEqual(read(ema.network, name), expected.get(name));
  for (let update = 1; update <= 30; update++) {
    for (const name of names) {
      const variable = gan.generator.variable(name);
      tf.tidy(() => variable.assign(tf.add(variable.read(), Math.sin(update))));
    }
    tf.tidy(() => ema.follow(tf.scalar(emaShare(0.75, update))));
    const decay = Math.min(0.75, (1 + update) / (10 + update)); // in float64
    for (const name of names) {
      const now = read(gan.generator, name);
      expected.set(name, expected.get(name)!.map((v, i) => decay * v + (1 - decay) * now[i]!));
    }
  }
  for (const name of names) {
    // Thirty roundings of float32 beside values of about 1, shrunk by 3/4 each.
    assertClose(read(ema.network, name), expected.get(name)!, { absolute: 1e-6 });
    assert.notDeepEqual(read(ema.network, name), read(gan.generator, name));
  }
  ema.restart();
  for (const name of names) assert.deepEqual(read(ema.network, name), read(gan.generator, name));
});

engineTest("what is shown is the average, unless there is none or it is not wanted", (engine) => {
  const small = { size: 32, nDown: 5, ngf: 2, ndf: 2, nLayers: 2 };
  for (
    const [given, shown] of [
      [{ emaDecay: 0.9 }, "ema"],
      [{ emaDecay: 0.9, emaUse: "raw" }, "raw"],
      [{}, "raw"],
    ] as const
  ) {
    using gan = new Gan(engine, parseTrainingConfig({ ...small, ...given }));
    assert.equal(gan.shown === gan.generator, shown === "raw");
    assert.equal(gan.shown === gan.ema?.network, shown === "ema");
  }
});

engineTest(
  "spectral norm's vectors are copied, not averaged: a mean would be shorter",
  (engine) => {
    const specs = spectralConvolutionSpec("layer", [2, 3]);
    const draw = (seed: number) => (spec: ParameterSpec, index: number) =>
      initialValue(spec, { init: "normal", gain: 1, seed: [seed, index] });
    const batchNorm = { epsilon: 1e-5, momentum: 0.1 };
    using network = new Network(engine, specs, draw(1), batchNorm);
    using ema = new GeneratorEma(engine, network, batchNorm);
    network.assign((spec) => draw(2)(spec, specs.indexOf(spec)));
    tf.tidy(() => ema.follow(tf.scalar(0.5)));
    const read = (of: Network, name: string) => valuesOf(() => of.variable(`layer.${name}`).read());
    for (const name of ["weight_u", "weight_v"]) {
      assert.deepEqual(read(ema.network, name), read(network, name));
    }
    assert.notDeepEqual(read(ema.network, "weight_orig"), read(network, "weight_orig"));
  },
);
