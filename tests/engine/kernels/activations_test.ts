import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { addBias } from "../../../src/engine/kernels/bias.ts";
import { assertClose, engineTest } from "../test_engine.ts";
import { assertSlopes } from "./differences.ts";

const xs = [-3, -0.5, -1e-6, 0, 1e-6, 0.25, 2];
const dys = [1, 2, -3, 5, 0.5, -1, 4];

const activations: Record<string, {
  run: (x: Tensor) => Tensor;
  value: (x: number) => number;
  slope: (x: number) => number;
}> = {
  "relu": {
    run: (x) => tf.relu(x),
    value: (x) => Math.max(x, 0),
    slope: (x) => x > 0 ? 1 : 0,
  },
  "leaky relu of slope 0.2": {
    run: (x) => tf.leakyRelu(x, 0.2),
    value: (x) => x > 0 ? x : 0.2 * x,
    slope: (x) => x > 0 ? 1 : 0.2,
  },
  "leaky relu of slope 0.01": {
    run: (x) => tf.leakyRelu(x, 0.01),
    value: (x) => x > 0 ? x : 0.01 * x,
    slope: (x) => x > 0 ? 1 : 0.01,
  },
  "leaky relu of slope 0": {
    run: (x) => tf.leakyRelu(x, 0),
    value: (x) => Math.max(x, 0),
    slope: (x) => x > 0 ? 1 : 0,
  },
  "leaky relu of slope 1": {
    run: (x) => tf.leakyRelu(x, 1),
    value: (x) => x,
    slope: () => 1,
  },
  "tanh": {
    run: (x) => tf.tanh(x),
    value: Math.tanh,
    slope: (x) => 1 - Math.tanh(x) ** 2,
  },
  "abs, whose gradient at 0 is 0": {
    run: (x) => tf.abs(x),
    value: Math.abs,
    slope: Math.sign,
  },
};

for (const [name, { run, value, slope }] of Object.entries(activations)) {
  engineTest(`the values and the gradient of ${name}`, async (engine) => {
    const body = (x: Tensor, dy: Tensor) => [run(x), tf.grad(run)(x, dy)];
    using compiled = new CompiledFunction(engine, (x, dy) => body(x!, dy!), { name: "activation" });
    const inputs = [tf.tensor1d(xs), tf.tensor1d(dys)];
    const eager = tf.tidy(() => body(inputs[0]!, inputs[1]!));
    const traced = await compiled.call(...inputs);
    for (const [y, dx] of [eager, traced]) {
      // A few roundings of float32; 1 - tanh^2 loses digits near 1.
      const absolute = name === "tanh" ? 5e-7 : 0;
      assertClose(y!.dataSync(), xs.map(value), { relative: 1e-6 });
      const slopes = xs.map((x, i) => dys[i]! * slope(x));
      assertClose(dx!.dataSync(), slopes, { relative: 1e-6, absolute });
    }
    tf.dispose([inputs, eager, traced]);
  });
}

engineTest("addBias() adds to each channel; its gradient sums over the rest", () => {
  tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2]);
    const bias = tf.tensor1d([10, 20]);
    const dy = tf.tensor4d([1, -1, 2, -2, 4, -4, 8, -8.5], [2, 1, 2, 2]);
    const sum = addBias(x, bias);
    assertClose(sum.dataSync(), [11, 22, 13, 24, 15, 26, 17, 28], {});
    const [dx, dbias] = tf.grads((x, bias) => addBias(x!, bias!))([x, bias], dy);
    assertClose(dx!.dataSync(), dy.dataSync(), {});
    assertClose(dbias!.dataSync(), [15, -15.5], {});
  });
});

engineTest("gradients of ReLUs and biases have gradients, for penalties on them", () => {
  const kernels = {
    relu: (x: Tensor, _bias: Tensor) => tf.relu(x),
    leakyRelu: (x: Tensor, _bias: Tensor) => tf.leakyRelu(x, 0.2),
    bias: (x: Tensor, bias: Tensor) => addBias(x, bias),
  };
  for (const kernel of Object.values(kernels)) {
    // Both by x and by the bias, squared on the way, so that the second gradient is not flat.
    const penalty = (x: Tensor, bias: Tensor) => {
      const loss = (x: Tensor, bias: Tensor) =>
        tf.add(tf.sum(tf.pow(kernel(x, bias), 3)), tf.sum(tf.pow(bias, 3)));
      const [dx, dbias] = tf.grads((x, bias) => loss(x!, bias!))([x, bias]);
      return tf.add(tf.sum(tf.square(dx!)), tf.sum(tf.square(dbias!)));
    };
    // Away from 0, where a step would cross the bend.
    const x = tf.tensor4d([-2, -1, -0.5, 0.5, 1, 1.5, 2, -1.5], [2, 2, 1, 2]);
    const bias = tf.tensor1d([0.25, -0.25]);
    assertSlopes((x, bias) => penalty(x!, bias!), [x, bias], { step: 2e-3, relative: 2e-3 });
    tf.dispose([x, bias]);
  }
});
