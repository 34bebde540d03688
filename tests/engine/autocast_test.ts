import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor, Tensor4D } from "@tensorflow/tfjs";
import { narrowing } from "../../src/engine/autocast.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { batchNormTraining } from "../../src/engine/kernels/batch_norm.ts";
import { addBias } from "../../src/engine/kernels/bias.ts";
import { convolution, convolutionTranspose } from "../../src/engine/kernels/convolution.ts";
import { engineTest } from "./test_engine.ts";

Deno.test("narrowing() has convolutions in bfloat16, what follows them too, and nothing else", () => {
  const [N, W, other] = [[true, false], [false, true], [false, false]] as const; // narrow, wide
  const cases: [string, (readonly [boolean, boolean])[], number[] | undefined][] = [
    ["Conv2D", [W, W], [0, 1]],
    ["Conv2D", [N, W], [0, 1]],
    ["Conv2DBackpropInput", [other, W, N], [1, 2]], // sizes are int32
    ["Relu", [N], [0]],
    ["Relu", [W], undefined],
    ["BiasAdd", [N, W], [0, 1]],
    ["ConcatV2", [W, N, other], [0, 1]],
    ["FusedBatchNormV3", [N, W, W, W, W], [0]],
    ["AddV2", [N, N], [0, 1]],
    ["AddV2", [N, W], undefined],
    ["Mul", [N, W], undefined],
    ["Sum", [N, other], undefined],
    ["ResourceApplyAdam", [other, N], undefined],
  ];
  for (const [name, inputs, expected] of cases) {
    const found = narrowing(name, inputs.map(([is]) => is), inputs.map(([, is]) => is));
    assert.deepEqual(found && [...found.inputs], expected, name);
  }
  assert.equal(narrowing("Conv2DBackpropFilter", [true, false, true], [])?.widens, true);
  assert.equal(narrowing("Conv2D", [true, true], [])?.widens, false);
});

/** A block down, a block up and a skip connection, as in the U-Net; its loss and gradients. */
function block(x: Tensor, down: Tensor, up: Tensor): Tensor[] {
  const channels = (count: number, value: number) => tf.fill([count], value);
  const loss = (down: Tensor, up: Tensor) => {
    const halved = addBias(convolution(x, down, { stride: 2, padding: 1 }), channels(16, 0.1));
    const running = { mean: channels(16, 0), variance: channels(16, 1) };
    const scales = [channels(16, 1), channels(16, 0)] as const;
    const { y } = batchNormTraining(halved, ...scales, running, { epsilon: 1e-5, momentum: 0.1 });
    const doubled = convolutionTranspose(tf.leakyRelu(y, 0.2), up, { stride: 2, padding: 1 });
    return tf.mean(tf.square(tf.concat([tf.relu(doubled), x as Tensor4D], 3))) as Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)([down, up]);
  return [value, ...grads];
}

async function run(engine: Engine, inputs: Tensor[], castConvolutions: boolean) {
  using compiled = new CompiledFunction(engine, (x, down, up) => block(x!, down!, up!), {
    name: "block",
    castConvolutions,
  });
  const results = await compiled.call(...inputs);
  const values = results.map((result) => {
    assert.equal(result.dtype, "float32");
    return [...result.dataSync()];
  });
  tf.dispose(results);
  return values;
}

engineTest(
  "a block in bfloat16 gives the loss and gradients of float32, rounded",
  async (engine) => {
    const normal = (shape: number[], seed: number) =>
      tf.randomNormal(shape, 0, 0.3, "float32", seed);
    const inputs = [normal([2, 32, 32, 8], 1), normal([4, 4, 8, 16], 2), normal([4, 4, 8, 16], 3)];
    const exact = await run(engine, inputs, false);
    const rounded = await run(engine, inputs, true);
    for (const [index, expected] of exact.entries()) {
      const length = Math.hypot(...expected);
      const difference = Math.hypot(...expected.map((e, i) => e - rounded[index]![i]!));
      // Eight bits of mantissa: each rounding is off by 2^-9 at most, of which some ten add up at random.
      assert.ok(difference < 2e-2 * length, `result ${index} differs by ${difference / length}`);
      assert.ok(difference > 0, `result ${index} is not rounded`);
    }
    tf.dispose(inputs);
  },
);
