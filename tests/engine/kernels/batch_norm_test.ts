import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { batchNormTraining } from "../../../src/engine/kernels/batch_norm.ts";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { assertClose, engineTest } from "../test_engine.ts";
import { type Grid, noise } from "./naive_convolution.ts";

interface Settings {
  readonly epsilon: number;
  readonly momentum: number;
}

/** Training batch norm (Ioffe & Szegedy, 2015) with PyTorch's running statistics, in float64. */
function reference(
  { shape, values: x }: Grid,
  { gamma, beta, mean, variance, dy }: Record<string, Float64Array>,
  { epsilon, momentum }: Settings,
) {
  const channels = shape[3];
  const count = x.length / channels;
  const result = {
    y: x.slice(),
    dx: x.slice(),
    dgamma: new Float64Array(channels),
    dbeta: new Float64Array(channels),
    mean: new Float64Array(channels),
    variance: new Float64Array(channels),
  };
  for (let c = 0; c < channels; c++) {
    const places = Array.from({ length: count }, (_, i) => i * channels + c);
    const average = (value: (at: number) => number) =>
      places.reduce((sum, at) => sum + value(at), 0) / count;
    const mu = average((at) => x[at]!);
    const sigma2 = average((at) => (x[at]! - mu) ** 2);
    const scale = 1 / Math.sqrt(sigma2 + epsilon);
    const normalized = (at: number) => (x[at]! - mu) * scale;
    const meanDy = average((at) => dy![at]!);
    const meanDyX = average((at) => dy![at]! * normalized(at));
    for (const at of places) {
      result.y[at] = gamma![c]! * normalized(at) + beta![c]!;
      result.dx[at] = gamma![c]! * scale * (dy![at]! - meanDy - normalized(at) * meanDyX);
    }
    result.dgamma[c] = meanDyX * count;
    result.dbeta[c] = meanDy * count;
    result.mean[c] = (1 - momentum) * mean![c]! + momentum * mu;
    const unbiased = sigma2 * count / (count - 1);
    result.variance[c] = (1 - momentum) * variance![c]! + momentum * unbiased;
  }
  return result;
}

const cases: Record<string, { shape: Grid["shape"]; settings: Settings }> = {
  "a batch of pictures": { shape: [3, 5, 7, 4], settings: { epsilon: 1e-5, momentum: 0.1 } },
  "one picture of 2x2": { shape: [1, 2, 2, 6], settings: { epsilon: 1e-5, momentum: 0.1 } },
  "many pixels of one channel": {
    shape: [2, 32, 30, 1],
    settings: { epsilon: 1e-5, momentum: 0.1 },
  },
  "a large epsilon": { shape: [2, 4, 4, 3], settings: { epsilon: 0.5, momentum: 0.1 } },
  "running statistics that forget": {
    shape: [2, 4, 4, 3],
    settings: { epsilon: 1e-5, momentum: 1 },
  },
  "running statistics that stay": { shape: [2, 4, 4, 3], settings: { epsilon: 1e-5, momentum: 0 } },
  "two values": { shape: [2, 1, 1, 3], settings: { epsilon: 1e-5, momentum: 0.25 } },
};

function body([x, gamma, beta, mean, variance, dy]: Tensor[], settings: Settings): Tensor[] {
  const forward = (x: Tensor, gamma: Tensor, beta: Tensor) =>
    batchNormTraining(x, gamma, beta, { mean: mean!, variance: variance! }, settings);
  const { y, runningMean, runningVariance } = forward(x!, gamma!, beta!);
  const gradients = tf.grads((x, gamma, beta) => forward(x!, gamma!, beta!).y)(
    [x!, gamma!, beta!],
    dy,
  );
  return [y, ...gradients, runningMean, runningVariance];
}

for (const [name, { shape, settings }] of Object.entries(cases)) {
  engineTest(`batch norm by the definition: ${name}`, async (engine) => {
    const x = noise(shape, 1);
    x.values.forEach((value, i) => x.values[i] = Math.fround(3 * value + 2));
    const vector = (seed: number) => noise([1, 1, 1, shape[3]], seed).values;
    const given = {
      gamma: vector(2),
      beta: vector(3),
      mean: vector(4),
      variance: vector(5).map((value) => Math.fround(value + 2)),
      dy: noise(shape, 6).values,
    };
    const { y, dx, dgamma, dbeta, mean, variance } = reference(x, given, settings);
    const expected = [y, dx, dgamma, dbeta, mean, variance];
    const inputs = tf.tidy(() => [
      tf.tensor(Float32Array.from(x.values), [...shape]),
      ...[given.gamma, given.beta, given.mean, given.variance].map((v) =>
        tf.tensor1d(Float32Array.from(v))
      ),
      tf.tensor(Float32Array.from(given.dy), [...shape]),
    ]);
    const eager = tf.tidy(() => body(inputs, settings));
    using compiled = new CompiledFunction(engine, (...inputs) => body(inputs, settings), {
      name: "batch_norm",
    });
    const traced = await compiled.call(...inputs);
    for (const results of [eager, traced]) {
      assert.deepEqual(results[0]?.shape, shape);
      results.forEach((result, i) => {
        const largest = expected[i]!.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
        // float32, over sums of up to 2,000 numbers; dx is a difference of numbers of its size.
        assertClose(result.dataSync(), expected[i]!, { absolute: 5e-6 * largest + 1e-6 });
      });
    }
    tf.dispose([inputs, eager, traced]);
  });
}

engineTest("batch norm of two values a channel has the gradient of the definition", () => {
  // By hand: x = 1, 3; mean 2, variance 1; with epsilon 3 the scale is 1/2, so y = -1/2, 1/2.
  tf.tidy(() => {
    const x = tf.tensor4d([1, 3], [2, 1, 1, 1]);
    const [zero, one] = [tf.zeros([1]), tf.ones([1])];
    const { y, runningMean, runningVariance } = batchNormTraining(
      x,
      one,
      zero,
      { mean: zero, variance: one },
      { epsilon: 3, momentum: 0.5 },
    );
    assertClose(y.dataSync(), [-0.5, 0.5], { absolute: 1e-6 });
    assertClose(runningMean.dataSync(), [1], { absolute: 1e-6 });
    assertClose(runningVariance.dataSync(), [1.5], { absolute: 1e-6 }); // (1 + 2) / 2: unbiased
  });
});
