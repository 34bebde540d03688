import assert from "assert";
import tf from "@tensorflow/tfjs";
import { patchSide } from "../../src/config/training.ts";
import { initialValue } from "../../src/model/initializers.ts";
import { Network } from "../../src/model/network.ts";
import { patchgan, patchganParameters } from "../../src/model/patchgan.ts";
import { engineTest } from "../engine/test_engine.ts";

engineTest("the discriminator judges as many patches as the configuration says", (engine) => {
  const cases: [size: number, nLayers: number, side: number][] = [
    [256, 3, 30],
    [64, 3, 6],
    [96, 2, 22],
    [32, 1, 14],
    [64, 4, 2],
    [96, 5, 1],
  ];
  for (const [size, nLayers, side] of cases) {
    const config = { ndf: 2, nLayers, leakySlope: 0.2 };
    using network = new Network(
      engine,
      patchganParameters(config),
      (spec, index) => initialValue(spec, { init: "normal", gain: 0.02, seed: [1, index] }),
      { epsilon: 1e-5, momentum: 0.1 },
    );
    tf.tidy(() => {
      const patches = patchgan(tf.ones([2, size, size, 3]), network.evaluation(), config);
      assert.deepEqual(patches.shape, [2, side, side, 1]);
      const wide = patchgan(tf.ones([1, size, 2 * size, 3]), network.evaluation(), config);
      assert.deepEqual(wide.shape, [1, side, patchSide(2 * size, nLayers), 1]);
    });
    assert.equal(patchSide(size, nLayers), side);
  }
});

engineTest("the first layer and the last have a bias, those between a batch norm", () => {
  const names = patchganParameters({ ndf: 4, nLayers: 2 }).map(({ name, shape }) => [name, shape]);
  assert.deepEqual(names, [
    ["model.0.0.weight", [4, 4, 3, 4]],
    ["model.0.0.bias", [4]],
    ["model.1.0.weight", [4, 4, 4, 8]],
    ...["weight", "bias", "running_mean", "running_var"].map((name) => [`model.1.1.${name}`, [8]]),
    ["model.2.0.weight", [4, 4, 8, 16]],
    ...["weight", "bias", "running_mean", "running_var"].map((name) => [`model.2.1.${name}`, [16]]),
    ["model.3.0.weight", [4, 4, 16, 1]],
    ["model.3.0.bias", [1]],
  ]);
});
