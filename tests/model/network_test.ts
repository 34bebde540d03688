import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Network } from "../../src/model/network.ts";
import { batchNormSpec, convolutionSpec, type ParameterSpec } from "../../src/model/parameters.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";

const batchNorm = { epsilon: 3, momentum: 0.25 };

const values: Record<string, number[]> = {
  "norm.weight": [2, 10],
  "norm.bias": [5, -1],
  "norm.running_mean": [4, 0],
  "norm.running_var": [6, 1],
};

/** A network of one batch norm of two channels. */
function normNetwork(engine: Engine): Network {
  const initial = ({ name }: ParameterSpec) => tf.tensor1d(values[name]!);
  return new Network(engine, batchNormSpec("norm", 2), initial, batchNorm);
}

function read(network: Network, name: string): number[] {
  return valuesOf(() => network.variable(name).read());
}

const noParameters: ReadonlyMap<string, Tensor> = new Map();

/** Channel 0 holds 1 and 3, channel 1 holds 0 and 2: mean 2 and 1, variance 1, unbiased 2. */
const picture = () => tf.tensor4d([1, 0, 3, 2], [1, 1, 2, 2]);

engineTest("training normalizes by the batch and moves the running statistics", (engine) => {
  using network = normNetwork(engine);
  const y = valuesOf(() => {
    const forward = network.training(noParameters, tf.tensor1d([0, 0], "int32"));
    return forward.batchNorm(picture(), "norm");
  });
  // (x - mean) / sqrt(1 + 3) is -1/2 and 1/2, times gamma, plus beta.
  assertClose(y, [4, -6, 6, 4], { absolute: 1e-5 });
  assertClose(read(network, "norm.running_mean"), [0.75 * 4 + 0.25 * 2, 0.25], { absolute: 1e-6 });
  assertClose(read(network, "norm.running_var"), [0.75 * 6 + 0.25 * 2, 1.25], { absolute: 1e-6 });
  assert.deepEqual(read(network, "norm.weight"), [2, 10]);
});

engineTest("evaluation normalizes by the running statistics and leaves them alone", (engine) => {
  using network = normNetwork(engine);
  const y = valuesOf(() => network.evaluation().batchNorm(picture(), "norm"));
  // (x - 4) / sqrt(6 + 3) * 2 + 5 and x / sqrt(1 + 3) * 10 - 1
  assertClose(y, [3, -1, 13 / 3, 9], { absolute: 1e-5 });
  for (const [name, expected] of Object.entries(values)) {
    assert.deepEqual(read(network, name), expected);
  }
});

engineTest("evaluation after training uses the statistics that training left", async (engine) => {
  using network = normNetwork(engine);
  using step = new CompiledFunction(engine, (x) => {
    const forward = network.training(noParameters, tf.tensor1d([0, 0], "int32"));
    return [forward.batchNorm(x!, "norm"), network.evaluation().batchNorm(x!, "norm")];
  }, { name: "step" });
  const x = picture();
  const results = await step.call(x);
  // Running mean 3.5 and 0.25, variance 5 and 1.25, as above.
  const expected = [1, 0, 3, 2].map((value, i) =>
    i % 2 === 0 ? (value - 3.5) / Math.sqrt(8) * 2 + 5 : (value - 0.25) / Math.sqrt(4.25) * 10 - 1
  );
  assertClose(results[1]!.dataSync(), expected, { absolute: 1e-5 });
  tf.dispose([x, results]);
});

engineTest("training takes the parameters that it is given, and its own for the rest", (engine) => {
  using network = normNetwork(engine);
  tf.tidy(() => {
    const given = new Map([["norm.weight", tf.tensor1d([0, 0])]]);
    const forward = network.training(given, tf.tensor1d([0, 0], "int32"));
    assert.deepEqual([...forward.parameter("norm.weight").dataSync()], [0, 0]);
    assert.deepEqual([...forward.parameter("norm.bias").dataSync()], [5, -1]);
    assert.deepEqual([...forward.batchNorm(picture(), "norm").dataSync()], [5, -1, 5, -1]);
  });
});

engineTest("a parameter that a network has not is refused by name", (engine) => {
  using network = normNetwork(engine);
  const refusal = { name: "TinctError", message: "The network has no parameter other.weight." };
  assert.throws(() => network.variable("other.weight"), refusal);
  assert.throws(() => network.evaluation().parameter("other.weight"), refusal);
});

engineTest("a network moves what is trainable, in the order of its specs", (engine) => {
  const specs = [
    ...convolutionSpec("first", [1, 2]),
    ...batchNormSpec("norm", 2),
    ...convolutionSpec("last", [2, 1], { bias: true }),
  ];
  using network = new Network(engine, specs, ({ shape }) => tf.zeros([...shape]), batchNorm);
  assert.deepEqual([...network.variables.keys()], specs.map(({ name }) => name));
  assert.deepEqual(network.trainable().map(({ name }) => name), [
    "first.weight",
    "norm.weight",
    "norm.bias",
    "last.weight",
    "last.bias",
  ]);
  network.assign(({ shape }) => tf.fill([...shape], shape.length));
  assert.deepEqual(read(network, "norm.running_var"), [1, 1]);
  assert.deepEqual(new Set(read(network, "first.weight")), new Set([4]));
  assert.throws(() => network.assign(() => tf.zeros([7])), { name: "RangeError" });
});

const pixels = 64 * 64 * 16;

/** What dropout makes of ones in training mode. */
function dropped(
  engine: Engine,
  rate: number,
  { seed = [3, 4], layer = 5 }: { seed?: [number, number]; layer?: number } = {},
): number[] {
  using network = normNetwork(engine);
  return valuesOf(() => {
    const forward = network.training(noParameters, tf.tensor1d(seed, "int32"));
    return forward.dropout(tf.ones([1, 64, 64, 16]), rate, layer);
  });
}

engineTest("dropout drops its share and scales the rest up", (engine) => {
  for (const rate of [0.1, 0.5, 0.9]) {
    const made = dropped(engine, rate);
    const scale = Math.fround(1 / (1 - rate));
    const kept = made.filter((value) => value !== 0);
    assertClose(kept, kept.map(() => scale), { relative: 1e-6 });
    // Five standard errors of 65,536 draws of a fixed seed.
    const bound = 5 * Math.sqrt(rate * (1 - rate) / pixels);
    assert.ok(
      Math.abs(1 - kept.length / pixels - rate) < bound,
      `${kept.length} of ${pixels} kept`,
    );
  }
});

engineTest("dropout follows from seed, step and layer", (engine) => {
  const first = dropped(engine, 0.5);
  assert.deepEqual(dropped(engine, 0.5), first);
  const others = [{ seed: [4, 4] }, { seed: [3, 5] }, { layer: 6 }] as const;
  for (const other of others as readonly { seed?: [number, number]; layer?: number }[]) {
    const same = dropped(engine, 0.5, other).filter((value, i) => value === first[i]).length;
    // Independent masks agree at half of the places.
    assert.ok(Math.abs(same / pixels - 0.5) < 5 * Math.sqrt(0.25 / pixels), `${same} of ${pixels}`);
  }
});

engineTest("dropout lets the gradient through where it let the value through", (engine) => {
  using network = normNetwork(engine);
  tf.tidy(() => {
    const forward = network.training(noParameters, tf.tensor1d([1, 2], "int32"));
    const drop = (x: Tensor) => forward.dropout(x, 0.25, 4);
    const x = tf.ones([2, 4, 4, 8]);
    assert.deepEqual([...tf.grad(drop)(x).dataSync()], [...drop(x).dataSync()]);
  });
});

engineTest("evaluation drops nothing", (engine) => {
  using network = normNetwork(engine);
  const made = valuesOf(() => network.evaluation().dropout(tf.ones([100]), 0.9, 1));
  assert.deepEqual(made, new Array(100).fill(1));
});
