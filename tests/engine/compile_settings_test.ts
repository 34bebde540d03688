import { readFileSync } from "node:fs";
import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { Adam, adamRates } from "../../src/engine/adam.ts";
import { CompiledFunction, type CompileOptions } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { batchNormTraining } from "../../src/engine/kernels/batch_norm.ts";
import { convolution } from "../../src/engine/kernels/convolution.ts";
import { statelessNormal, statelessUniform } from "../../src/engine/kernels/random.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { assertClose, engineTest, makeVariable, testDevice } from "./test_engine.ts";

/** Compiles, calls once, and disposes of everything. */
async function callOnce(
  engine: Engine,
  body: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: Partial<CompileOptions>,
): Promise<Float32Array> {
  using compiled = new CompiledFunction(engine, (...inputs) => [body(...inputs)], {
    name: "settings",
    ...options,
  });
  const [result] = await compiled.call(...inputs);
  const values = await engine.read(result!);
  result!.dispose();
  return values;
}

function normal(shape: number[], seed: number): Tensor {
  return tf.tidy(() => statelessNormal(shape, tf.tensor1d([seed, 0], "int32")));
}

/** The largest difference, relative to the largest number. */
function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  let [difference, largest] = [0, 0];
  expected.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(actual[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  });
  return difference / largest;
}

/** oneDNN computes in bfloat16 where the processor has these instructions; elsewhere nothing changes. */
function computesInBfloat16(): boolean {
  try {
    return /\b(?:avx512f|avx_ne_convert)\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false;
  }
}

if (computesInBfloat16()) {
  const cases: Record<string, { x: number[]; filter: number[]; stride: number }> = {
    "a convolution": { x: [1, 16, 16, 8], filter: [4, 4, 8, 16], stride: 1 },
    // On a GPU matrix products stay what they are: TensorFloat-32 is as quick for those there are.
    ...(testDevice === "cpu" && {
      "a halving as a matrix product": { x: [1, 8, 8, 16], filter: [4, 4, 16, 16], stride: 2 },
    }),
  };
  for (const [name, { x, filter, stride }] of Object.entries(cases)) {
    engineTest(`bfloat16 rounds, float32 does not: ${name}`, async (engine) => {
      const inputs = [normal(x, 1), normal(filter, 2)];
      const body = (x?: Tensor, filter?: Tensor) =>
        convolution(x!, filter!, { stride, padding: 1 });
      const eager = body(...inputs);
      const expected = await engine.read(eager);
      const run = (precision: "float32" | "bfloat16") =>
        callOnce(engine, body, inputs, { precision });
      // float32 rounds by 6e-8; bfloat16, of 8 bits, by 2^-9 = 2e-3 at inputs and outputs.
      const float32 = relativeDifference(await run("float32"), expected);
      const bfloat16 = relativeDifference(await run("bfloat16"), expected);
      assert.ok(float32 < 5e-6, `float32 differs by ${float32}`);
      assert.ok(bfloat16 > 2e-4 && bfloat16 < 1e-2, `bfloat16 differs by ${bfloat16}`);
      tf.dispose([inputs, eager]);
    });
  }

  engineTest("casts around convolutions round them alone, and their gradients", async (engine) => {
    // What bfloat16 does on a GPU, computed by the CPU's kernels of the same operations.
    const inputs = [normal([2, 16, 16, 8], 1), normal([4, 4, 8, 16], 2)];
    const forward = (x: Tensor, filter: Tensor) =>
      tf.sum(tf.square(convolution(x, filter, { stride: 1, padding: 1 }))) as Scalar;
    const gradients = (x?: Tensor, filter?: Tensor) => tf.grads(forward)([x!, filter!]);
    const bodies: Record<string, (x?: Tensor, filter?: Tensor) => Tensor> = {
      result: (x, filter) => convolution(x!, filter!, { stride: 1, padding: 1 }),
      "gradient by the input": (x, filter) => gradients(x, filter)[0]!,
      "gradient by the filter": (x, filter) => gradients(x, filter)[1]!,
    };
    for (const [what, body] of Object.entries(bodies)) {
      const expected = await callOnce(engine, body, inputs, {});
      const cast = await callOnce(engine, body, inputs, { castConvolutions: true });
      const difference = relativeDifference(cast, expected);
      // Some roundings of 2^-9; the CPU's kernel of the last one sums 450 products up in bfloat16, too.
      const allowed = what === "gradient by the filter" ? 0.1 : 2e-2;
      assert.ok(difference > 2e-4 && difference < allowed, `${what} differs by ${difference}`);
    }
    // A product of matrices, which colours are computed by, is left in float32.
    const product = (x?: Tensor) => tf.matMul(tf.reshape(x!, [-1, 8]), tf.fill([8, 3], 1 / 3));
    const rest = await callOnce(engine, product, inputs, { castConvolutions: true });
    assert.deepEqual(rest, await callOnce(engine, product, inputs, {}));
    tf.dispose(inputs);
  });
} else {
  Deno.test({
    name: "bfloat16 rounds, float32 does not (not run: no such instructions)",
    ignore: true,
    fn() {},
  });
}

engineTest("XLA compiles a function and computes the same", async (engine) => {
  const inputs = [tf.tensor1d([1, -2, 3]), tf.tensor1d([0.5, 0.25, 4])];
  const body = (x?: Tensor, y?: Tensor) => tf.sum(tf.tanh(tf.add(tf.mul(x!, y!), 1)));
  const expected = [Math.tanh(1.5) + Math.tanh(0.5) + Math.tanh(13)];
  for (const xla of [true, false]) {
    assertClose(await callOnce(engine, body, inputs, { xla }), expected, { relative: 1e-6 });
  }
  tf.dispose(inputs);
});

engineTest("XLA refuses what it cannot compile, by the function's name", async (engine) => {
  const { binding } = engine;
  const x = tf.tensor1d([3, 1, 3]);
  const body = (x?: Tensor) => {
    // An operation that has no counterpart in XLA.
    const [smallest] = binding.executeOp(
      "NthElement",
      [
        { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      ],
      [engine.idOf(x!), engine.idOf(tf.scalar(0, "int32"))],
      1,
    );
    return engine.tensorOf(smallest!);
  };
  assert.deepEqual(await callOnce(engine, body, [x], { xla: false }), Float32Array.of(1));
  await assert.rejects(callOnce(engine, body, [x], { xla: true }), {
    name: "TinctError",
    message: /settings_\d+.*NthElement/s,
  });
  x.dispose();
});

engineTest("500 steps of training leave as many handles and tensors as one", async (engine) => {
  const size = 8 * 4 * 4 * 3;
  using weight = makeVariable(engine, new Array(size).fill(0.1), { shape: [4, 4, 3, 8] });
  using mean = makeVariable(engine, new Array(8).fill(0), { name: "mean" });
  using variance = makeVariable(engine, new Array(8).fill(1), { name: "variance" });
  const options = { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };
  using adam = new Adam(engine, [weight], options);
  const scale = tf.tidy(() => tf.mul(tf.ones([8]), 2)); // captured
  using step = new CompiledFunction(engine, (x, rates, seed) => {
    const loss = (filter: Tensor) => {
      const h = convolution(x!, filter, { stride: 2, padding: 1 });
      const running = { mean: mean.read(), variance: variance.read() };
      const settings = { epsilon: 1e-5, momentum: 0.1 };
      const norm = batchNormTraining(h, scale, tf.zeros([8]), running, settings);
      mean.assign(norm.runningMean);
      variance.assign(norm.runningVariance);
      const kept = tf.greater(statelessUniform(norm.y.shape, seed!), 0.5);
      return tf.mean(tf.square(tf.mul(tf.tanh(norm.y), tf.cast(kept, "float32")))) as tf.Scalar;
    };
    const { value, grad } = tf.valueAndGrad((filter: Tensor) => loss(filter))(weight.read());
    const [rate, epsilon] = tf.split(rates!, 2).map((scalar) => tf.reshape(scalar, []));
    adam.update(weight, grad, { rate: rate!, epsilon: epsilon! });
    return [value];
  }, { name: "step" });

  const x = normal([2, 8, 8, 3], 5);
  const run = async (number: number) => {
    const inputs = [
      tf.tensor1d(adamRates(1e-3, number, options)),
      tf.tensor1d([1, number], "int32"),
    ];
    const [loss] = await step.call(x, ...inputs);
    const [value] = await engine.read(loss!);
    tf.dispose([inputs, loss!]);
    return value!;
  };
  const count = () => ({ ...liveObjects(), tensors: tf.memory().numTensors });
  const first = await run(1);
  const before = count();
  let last = first;
  for (let number = 2; number <= 501; number++) {
    last = await run(number);
    if (number % 100 === 0) assert.deepEqual(count(), before);
  }
  assert.deepEqual(count(), before);
  assert.equal(step.traceCount, 1);
  assert.ok(last < first, `the loss went from ${first} to ${last}`); // it did train
  tf.dispose([x, scale]);
});
