import assert from "assert";
import tf from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { statelessNormal } from "../../src/engine/kernels/random.ts";
import { initialValue } from "../../src/model/initializers.ts";
import { Network } from "../../src/model/network.ts";
import type { Forward } from "../../src/model/parameters.ts";
import { unet } from "../../src/model/unet.ts";
import { type UnetConfig, unetParameters } from "../../src/model/unet_layers.ts";
import { engineTest, valuesOf } from "../engine/test_engine.ts";

const small: UnetConfig = { nDown: 5, ngf: 2, dropout: 0, leakySlope: 0.2 };

function networkOf(engine: Engine, config: UnetConfig): Network {
  return new Network(
    engine,
    unetParameters(config),
    (spec, index) => initialValue(spec, { init: "xavier", gain: 1, seed: [1, index] }),
    { epsilon: 1e-5, momentum: 0.1 },
  );
}

function lightness(shape: number[]) {
  return tf.tidy(() => tf.tanh(statelessNormal(shape, tf.tensor1d([9, 9], "int32"))));
}

engineTest("the generator gives two channels of the input's size, between -1 and 1", (engine) => {
  const cases: [nDown: number, shape: [number, number, number, number]][] = [
    [5, [1, 32, 32, 1]],
    [5, [2, 64, 96, 1]],
    [6, [3, 64, 64, 1]],
  ];
  for (const [nDown, shape] of cases) {
    using network = networkOf(engine, { ...small, nDown });
    const L = lightness(shape);
    tf.tidy(() => {
      const modes: Forward[] = [
        network.evaluation(),
        network.training(new Map(), tf.tensor1d([0, 0], "int32")),
      ];
      for (const forward of modes) {
        const ab = unet(L, forward, { ...small, nDown });
        assert.deepEqual(ab.shape, [shape[0], shape[1], shape[2], 2]);
        const values = ab.dataSync();
        assert.ok(values.every((value) => value > -1 && value < 1));
        assert.ok(new Set(values).size > values.length / 2); // not flat
      }
    });
    L.dispose();
  }
});

engineTest("dropout is between the innermost block and the three that halve channels", (engine) => {
  const L = lightness([1, 256, 256, 1]);
  const cases: [nDown: number, dropout: number, layers: number[]][] = [
    [8, 0.5, [6, 5, 4]], // from the inside out
    [7, 0.3, [5, 4]],
    [6, 0.5, [4]],
    [5, 0.5, []],
    [8, 0, []],
  ];
  for (const [nDown, dropout, expected] of cases) {
    const config = { ...small, ngf: 1, nDown, dropout };
    using network = networkOf(engine, config);
    const layers: number[] = [];
    const forward: Forward = {
      ...network.evaluation(),
      dropout: (x, rate, layer) => {
        assert.equal(rate, dropout);
        layers.push(layer);
        return x;
      },
    };
    valuesOf(() => unet(L, forward, config));
    assert.deepEqual(layers, expected);
  }
  L.dispose();
});

engineTest(
  "the generator works on each picture of a batch by itself in evaluation mode",
  (engine) => {
    using network = networkOf(engine, small);
    const L = lightness([3, 32, 32, 1]);
    const together = valuesOf(() => unet(L, network.evaluation(), small));
    const apart = [0, 1, 2].flatMap((i) =>
      valuesOf(() => unet(tf.slice(L, [i, 0, 0, 0], [1, 32, 32, 1]), network.evaluation(), small))
    );
    const largest = Math.max(...together.map((value, i) => Math.abs(value - apart[i]!)));
    assert.ok(largest < 1e-5, `the largest difference is ${largest}`); // sums in another order
    L.dispose();
  },
);

engineTest("the compiled generator gives what the eager one does", async (engine) => {
  using network = networkOf(engine, small);
  using compiled = new CompiledFunction(
    engine,
    (L) => [unet(L!, network.evaluation(), small)],
    { name: "generator" },
  );
  const L = lightness([2, 32, 64, 1]);
  const [ab] = await compiled.call(L);
  const eager = valuesOf(() => unet(L, network.evaluation(), small));
  const largest = Math.max(...ab!.dataSync().map((value, i) => Math.abs(value - eager[i]!)));
  assert.ok(largest < 1e-5, `the largest difference is ${largest}`); // sums in another order
  tf.dispose([L, ab!]);
});

engineTest("an input that cannot be halved so often is refused", (engine) => {
  using network = networkOf(engine, small);
  const L = lightness([1, 48, 40, 1]);
  const failure = { name: "TinctError", message: /TensorFlow failed at .* \(code 3\)/ };
  assert.throws(() => tf.tidy(() => unet(L, network.evaluation(), small)), failure);
  L.dispose();
});
