import assert from "assert";
import tf from "@tensorflow/tfjs";
import { Engine, type EngineOptions } from "../../src/engine/engine.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { tensorFloat32Allowed } from "../../src/tensorflow/tensor_float_32.ts";
import { TinctError } from "../../src/errors.ts";
import { readDriver } from "../../src/gpu/driver.ts";
import { whyNoGpu } from "../../src/gpu/why_no_gpu.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

function start(options: Partial<EngineOptions> = {}): Promise<Engine> {
  return Engine.start({ libraryPath: libraryPath(), ...options });
}

/** A test that starts engines of its own, and leaves none and nothing of them behind. */
function startTest(name: string, body: () => Promise<void>): void {
  Deno.test(name, async () => {
    await body();
    assert.equal(tf.findBackend("tensorflow"), null);
    assert.deepEqual(liveObjects(), {});
  });
}

function sumOfSquares(): number {
  return tf.tidy(() => tf.sum(tf.square(tf.tensor1d([1, 2, 3]))).dataSync()[0]!);
}

startTest("an engine is tfjs's backend while it lives, and another one may follow", async () => {
  for (let round = 0; round < 2; round++) {
    using engine = await start();
    assert.equal(tf.getBackend(), "tensorflow");
    assert.match(engine.version, /^2\.\d+/);
    assert.equal(sumOfSquares(), 14);
  }
});

startTest("an engine gives back what was not disposed of, and is disposed of once", async () => {
  const engine = await start();
  const forgotten = tf.tidy(() => tf.keep(tf.square(tf.tensor1d([3]))));
  assert.deepEqual(liveObjects(), { TFE_Context: 1, TFE_TensorHandle: 1 });
  engine[Symbol.dispose]();
  assert.deepEqual(liveObjects(), {});
  engine[Symbol.dispose]();
  forgotten.dispose(); // too late, but harmless
});

startTest("a second engine is refused while one runs, and while one starts", async () => {
  const refusal = { name: "TypeError", message: "An engine runs already; dispose of it first." };
  const [first, second] = await Promise.allSettled([start(), start()]);
  assert.ok(first.status === "fulfilled");
  using _engine = first.value;
  assert.ok(second.status === "rejected");
  assert.equal(second.reason.message, refusal.message);
  await assert.rejects(start(), refusal);
  assert.equal(sumOfSquares(), 14);
  assert.deepEqual(liveObjects(), { TFE_Context: 1 });
});

startTest("a library that cannot be loaded is named, and a later start succeeds", async () => {
  await assert.rejects(start({ libraryPath: "no_such_library.so" }), {
    name: "TinctError",
    code: "failed_precondition",
    message: /no_such_library\.so cannot be used: .*deno task tinct setup/,
  });
  using _engine = await start();
  assert.equal(sumOfSquares(), 14);
});

startTest("an engine that is to use a GPU finds one, or says what to check", async () => {
  try {
    using engine = await start({ device: "gpu" });
    assert.ok(engine.context.devices().some(({ type }) => type === "GPU"));
    assert.ok(engine.binding.isUsingGpuDevice());
  } catch (error) {
    if (!(error instanceof TinctError)) throw error;
    assert.equal(error.code, "failed_precondition");
    // Which of the reasons it is, is this machine's; tests/gpu has them all.
    assert.match(error.message, /^A GPU was requested, but none can be used: .*: .*\.$/);
    const [reason = ""] = whyNoGpu({
      driver: readDriver(),
      visible: undefined,
      library: undefined,
    });
    if (readDriver().isThere === false) assert.ok(error.message.includes(reason.split(" (")[0]!));
  }
});

startTest("an engine takes over its settings, and computes on the CPU by default", async () => {
  {
    using engine = await start();
    assert.deepEqual(engine.context.options, {
      threads: 0,
      precision: "float32",
      gpu: false,
      gpuMemoryGrowth: true,
    });
    assert.equal(engine.binding.isUsingGpuDevice(), false);
  }
  using engine = await start({ threads: 1, precision: "bfloat16", gpuMemoryGrowth: false });
  assert.deepEqual(engine.context.options, {
    threads: 1,
    precision: "bfloat16",
    gpu: false,
    gpuMemoryGrowth: false,
  });
  assert.equal(sumOfSquares(), 14);
});

startTest("the precision decides whether a GPU may round to TensorFloat-32", async () => {
  const product = () => tf.tidy(() => tf.matMul(tf.fill([3, 3], 0.1), tf.fill([3, 3], 1 / 3)));
  const values: number[][] = [];
  for (const [precision, allowed] of [["float32", false], ["tf32", true]] as const) {
    using engine = await start({ precision });
    assert.equal(tensorFloat32Allowed(engine.context.symbols), allowed);
    using compiled = new CompiledFunction(engine, () => [product()], { name: "product" });
    const [result] = await compiled.call();
    values.push([...result!.dataSync()]);
    result!.dispose();
  }
  assert.deepEqual(values[1], values[0]); // on a CPU it changes nothing
});

startTest("settings that are none are refused, and nothing is left", async () => {
  await assert.rejects(start({ threads: -1 }), { name: "RangeError", message: /-1/ });
});
