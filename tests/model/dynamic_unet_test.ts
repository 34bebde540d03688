import assert from "assert";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig, type TrainingConfig } from "../../src/config/training.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { initialValue } from "../../src/model/initializers.ts";
import { Network } from "../../src/model/network.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";

const small = { generator: "resnet18", size: 64, ngf: 4, ndf: 4, nLayers: 2 } as const;

function drawn(engine: Engine, config: TrainingConfig): Network {
  const { init, initGain: gain, seed } = config;
  return new Network(
    engine,
    generatorArchitecture(config).parameters,
    (spec, index) => initialValue(spec, { init, gain, seed: [seed, index] }),
    { epsilon: config.batchNormEpsilon, momentum: config.batchNormMomentum },
  );
}

for (const generator of ["resnet18", "resnet34"] as const) {
  engineTest(`${generator} makes ab of its input's sides, which may differ`, (engine) => {
    const config = parseTrainingConfig({ ...small, generator });
    using network = drawn(engine, config);
    tf.tidy(() => {
      const L = tf.randomUniform([2, 64, 96, 1], -1, 1, "float32", 1);
      const ab = generatorArchitecture(config).forward(L, network.evaluation());
      assert.deepEqual(ab.shape, [2, 64, 96, 2]);
      const [mean = NaN] = tf.mean(tf.abs(ab)).dataSync();
      // He's weights carry the input's size through, whatever the options of other weights say.
      assert.ok(mean > 0.01 && mean < 10, `${mean}`);
    });
  });
}

engineTest("what a doubling begins with makes four equal pixels of one", (engine) => {
  const config = parseTrainingConfig(small);
  using network = drawn(engine, config);
  tf.tidy(() => {
    const weight = network.variable("layers.4.shuf.0.0.weight").read(); // [1, 1, 32, 64]
    const groups = tf.reshape(weight, [32, 16, 4]);
    const first = tf.slice(groups, [0, 0, 0], [32, 16, 1]);
    assertClose(tf.sub(groups, first).dataSync(), new Float32Array(32 * 64), { absolute: 0 });
    const [deviation = NaN] = tf.moments(first).variance.sqrt().dataSync();
    // He's for 32 inputs is 0.25; of 512 draws the deviation is known to 3 %, thrice that is allowed.
    assertClose([deviation], [0.25], { relative: 0.1 });
  });
});

engineTest("an encoder's norms as in evaluation leave its statistics alone", (engine) => {
  const config = parseTrainingConfig(small);
  const architecture = generatorArchitecture(config);
  using network = drawn(engine, config);
  const statistics = (prefix: string) =>
    tf.tidy(() =>
      tf.concat(
        network.specs.filter(({ name, role }) =>
          name.startsWith("layers.0.") === (prefix === "layers.0.") &&
          (role === "runningMean" || role === "runningVariance")
        ).map(({ name }) => network.variable(name).read()),
      ).dataSync()
    );
  const [encoder, others] = [statistics("layers.0."), statistics("")];
  tf.tidy(() => {
    const L = tf.randomUniform([2, 64, 64, 1], -1, 1, "float32", 1);
    const forward = network.training(new Map(), tf.tensor1d([0, 0], "int32"), {
      evaluated: architecture.encoderPrefix,
    });
    architecture.forward(L, forward);
  });
  assert.deepEqual(statistics("layers.0."), encoder);
  assert.notDeepEqual(statistics(""), others);
});
