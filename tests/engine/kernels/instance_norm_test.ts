import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { instanceNorm } from "../../../src/engine/kernels/instance_norm.ts";
import { assertClose, call, engineTest } from "../test_engine.ts";
import { assertSlopes } from "./differences.ts";

const epsilon = 1e-5;

function picture(shape: [number, number, number, number], seed: number): Tensor {
  return tf.tidy(() => tf.add(tf.mul(tf.randomNormal(shape, 0, 1, "float32", seed), 2), 0.7));
}

/** In float64: each channel of each picture by itself. */
function normalized(
  values: ArrayLike<number>,
  [batch, height, width, channels]: readonly number[],
): number[] {
  const pixels = height! * width!;
  const result = new Array<number>(values.length);
  for (let b = 0; b < batch!; b++) {
    for (let c = 0; c < channels!; c++) {
      const at = Array.from({ length: pixels }, (_, i) => (b * pixels + i) * channels! + c);
      const mean = at.reduce((sum, i) => sum + values[i]!, 0) / pixels;
      const variance = at.reduce((sum, i) => sum + (values[i]! - mean) ** 2, 0) / pixels;
      for (const i of at) result[i] = (values[i]! - mean) / Math.sqrt(variance + epsilon);
    }
  }
  return result;
}

for (const shape of [[1, 4, 5, 3], [3, 6, 4, 2], [2, 31, 31, 5]] as const) {
  engineTest(`instance norm is the definition's, eager and compiled: ${shape}`, async (engine) => {
    const x = picture([...shape], 1);
    const expected = normalized(x.dataSync(), shape);
    assertClose(tf.tidy(() => instanceNorm(x, epsilon).dataSync()), expected, { absolute: 2e-6 });
    using compiled = new CompiledFunction(engine, (x) => [instanceNorm(x!, epsilon)], {
      name: "instance_norm",
    });
    const [values] = await call(compiled, x);
    assertClose(values!, expected, { absolute: 2e-6 });
    x.dispose();
  });
}

engineTest("a flat channel comes out as zero, with a gradient of zero", () => {
  tf.tidy(() => {
    const x = tf.fill([1, 3, 3, 2], 5);
    assert.deepEqual([...instanceNorm(x, epsilon).dataSync()], new Array(18).fill(0));
    const weights = tf.range(0, 18).reshape([1, 3, 3, 2]);
    const gradient = tf.grad((x: Tensor) => tf.sum(tf.mul(instanceNorm(x, epsilon), weights)))(x);
    assert.ok(gradient.dataSync().every(Number.isFinite));
  });
});

/** What is summed up weighted, so that no gradient vanishes by symmetry. */
function weighted(x: Tensor, seed: number): Tensor {
  return tf.mul(x, tf.randomNormal(x.shape, 0, 1, "float32", seed));
}

engineTest("its gradient is the slope that central differences find", () => {
  const x = picture([2, 4, 3, 2], 2);
  // Values of about 10 and steps of 1e-2: 1e-4 from rounding, 1e-4 from the step.
  const f = (x: Tensor) => tf.sum(tf.square(weighted(instanceNorm(x, epsilon), 7)));
  assertSlopes(f, [x], { step: 1e-2, relative: 1e-3 });
  x.dispose();
});

engineTest("a penalty on its gradient has the gradient that central differences find", () => {
  for (const [seed, given] of [[3, epsilon], [4, 0.5]] as const) {
    const [x, weights] = [picture([2, 4, 3, 2], seed), picture([2, 4, 3, 2], seed + 10)];
    const penalty = (x: Tensor, weights: Tensor) => {
      const loss = (x: Tensor) => tf.sum(tf.mul(tf.sin(instanceNorm(x, given)), weights)) as Tensor;
      return tf.sum(tf.square(tf.grad(loss)(x)));
    };
    assertSlopes((x, weights) => penalty(x!, weights!), [x, weights], {
      step: 5e-3,
      relative: 2e-3,
    });
    tf.dispose([x, weights]);
  }
});
