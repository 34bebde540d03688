import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { call, engineTest } from "./test_engine.ts";

engineTest("reading a value while tracing says why it cannot be read", async (engine) => {
  const x = tf.tensor1d([1]);
  using compiled = new CompiledFunction(engine, (x) => {
    assert.ok(tf.square(x!).dataSync());
    return [x!];
  }, { name: "reading" });
  const refusal = {
    name: "TinctError",
    message: "The values of a tensor were read while it was being traced; it has none until the " +
      "compiled function runs.",
  };
  await assert.rejects(compiled.call(x), refusal);
  assert.throws(() => compiled.prepare(x), refusal);
  assert.equal(compiled.traceCount, 0);
  x.dispose();
});

engineTest("an exception in the body leaves nothing behind", async (engine) => {
  let fail = true;
  const captured = tf.tidy(() => tf.square(tf.tensor1d([3])));
  using compiled = new CompiledFunction(engine, (x) => {
    const y = tf.tidy(() => tf.add(tf.mul(x!, captured), tf.tensor1d([1])));
    if (fail) throw new RangeError("not today");
    return [y];
  }, { name: "failing" });
  const x = tf.tensor1d([2]);
  engine.idOf(x);
  const before = { ...liveObjects(), tensors: tf.memory().numTensors };
  for (let i = 0; i < 3; i++) {
    await assert.rejects(compiled.call(x), { name: "RangeError", message: "not today" });
  }
  assert.deepEqual({ ...liveObjects(), tensors: tf.memory().numTensors }, before);
  assert.deepEqual([...captured.dataSync()], [9]); // operations run at once again
  fail = false;
  assert.deepEqual(await call(compiled, x), [[19]]);
  tf.dispose([x, captured]);
});

engineTest("an operation that does not fit is refused by name while tracing", async (engine) => {
  using compiled = new CompiledFunction(engine, (x, y) => {
    const attributes = { transposeA: false, transposeB: false };
    const result = tf.engine().runKernel("BatchMatMul", { a: x!, b: y! }, attributes);
    return [result as Tensor];
  }, { name: "misfit" });
  const inputs = [tf.ones([2, 3]), tf.ones([2, 3])];
  await assert.rejects(compiled.call(...inputs), {
    name: "TinctError",
    message: /^TensorFlow failed at tracing BatchMatMulV2_\d+ \(code 3\): Dimensions must be equal/,
  });
  tf.dispose(inputs);
});

engineTest("an operation whose shape depends on values cannot be compiled", async (engine) => {
  using compiled = new CompiledFunction(engine, (x) => {
    return [engine.backend.where(tf.greater(x!, 0))];
  }, { name: "shapeless" });
  const x = tf.tensor1d([1]);
  await assert.rejects(compiled.call(x), {
    name: "TinctError",
    message: /^The shape of Where is not known while tracing \(\[-1,1\]\)/,
  });
  x.dispose();
});

engineTest("a compiled function does not call another one while it is traced", async (engine) => {
  using inner = new CompiledFunction(engine, (x) => [tf.neg(x!)], { name: "inner" });
  const x = tf.tensor1d([1]);
  const refusal = {
    name: "TypeError",
    message: "The compiled function inner was called while another was being traced; " +
      "have both call its body instead.",
  };
  const refuse = async () => {
    using preparing = new CompiledFunction(engine, (given) => {
      inner.prepare(given!);
      return [];
    }, { name: "outer" });
    assert.throws(() => preparing.prepare(x), refusal);
    let calling: Promise<Tensor[]> | undefined;
    using outer = new CompiledFunction(engine, () => {
      calling = inner.call(x);
      return [];
    }, { name: "outer" });
    const traced = outer.call(x);
    await assert.rejects(calling!, refusal);
    assert.deepEqual(await traced, []);
  };
  await refuse();
  inner.prepare(x);
  await refuse(); // though it has been traced before
  assert.deepEqual(await call(inner, x), [[-1]]);
  x.dispose();
});

engineTest("an operation that fails when it runs names the function", async (engine) => {
  const { binding } = engine;
  using compiled = new CompiledFunction(engine, (x) => {
    const [checked] = binding.executeOp(
      "CheckNumerics",
      [
        { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
        { name: "message", type: binding.TF_ATTR_STRING, value: "the loss" },
      ],
      [engine.idOf(x!)],
      1,
    );
    return [engine.tensorOf(checked!)];
  }, { name: "checked" });
  const [good, bad] = [tf.tensor1d([1]), tf.tensor1d([NaN])];
  const failure = {
    name: "TinctError",
    code: "internal",
    message: /^TensorFlow failed at checked_\d+ \(code 3\): .*the loss : Tensor had NaN values/,
  };
  const outcomes = await Promise.allSettled([call(compiled, good), call(compiled, bad)]);
  assert.deepEqual(outcomes[0], { status: "fulfilled", value: [[1]] });
  assert.equal(outcomes[1]?.status, "rejected");
  await assert.rejects(compiled.call(bad), failure);
  assert.deepEqual(await call(compiled, good), [[1]]);
  tf.dispose([good, bad]);
});

engineTest("a function that was disposed of is not called", async (engine) => {
  const captured = tf.tidy(() => tf.square(tf.tensor1d([3])));
  const compiled = new CompiledFunction(engine, (x) => [tf.add(x!, captured)], { name: "gone" });
  const x = tf.tensor1d([1]);
  assert.deepEqual(await call(compiled, x), [[10]]);
  compiled[Symbol.dispose]();
  compiled[Symbol.dispose]();
  const refusal = { name: "TypeError", message: "The function gone has been disposed of." };
  assert.throws(() => compiled.prepare(x), refusal);
  await assert.rejects(compiled.call(x), refusal);
  tf.dispose([x, captured]);
});
