import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { assertClose, call, engineTest, valuesOf } from "./test_engine.ts";

type Body = (...inputs: Tensor[]) => Tensor[];

/** Compiles, calls once and disposes of everything. */
async function callOnce(engine: Engine, body: Body, ...inputs: Tensor[]): Promise<number[][]> {
  using compiled = new CompiledFunction(engine, body, { name: "once" });
  const values = await call(compiled, ...inputs);
  tf.dispose(inputs);
  return values;
}

engineTest("the first call traces, the next ones run what was traced", async (engine) => {
  let runs = 0;
  using compiled = new CompiledFunction(engine, (x) => {
    runs++;
    return [tf.square(x!), tf.sum(x!)];
  }, { name: "squares" });
  for (const values of [[1, 2, 3], [4, 5, 6], [-1, 0, 1]]) {
    const x = tf.tensor1d(values);
    const [squares, sum] = await call(compiled, x);
    assert.deepEqual(squares, values.map((value) => value * value));
    assert.deepEqual(sum, [values.reduce((a, b) => a + b)]);
    x.dispose();
  }
  assert.equal(runs, 1);
  assert.equal(compiled.traceCount, 1);
  assert.ok(compiled.nodeCount >= 3);
});

engineTest("a new shape traces again, and each shape keeps its own trace", async (engine) => {
  using compiled = new CompiledFunction(engine, (x) => [tf.add(x!, x!.size)], { name: "sized" });
  const inputs = [tf.tensor1d([1, 2]), tf.tensor2d([[1, 2]]), tf.tensor1d([1, 2, 3]), tf.scalar(1)];
  for (let round = 1; round <= 2; round++) {
    assert.deepEqual(await call(compiled, inputs[0]!), [[3, 4]]);
    assert.deepEqual(await call(compiled, inputs[1]!), [[3, 4]]);
    assert.deepEqual(await call(compiled, inputs[2]!), [[4, 5, 6]]);
    assert.deepEqual(await call(compiled, inputs[3]!), [[2]]);
    assert.equal(compiled.traceCount, 4);
  }
  tf.dispose(inputs);
});

engineTest("a new type traces again, even where tfjs takes both for one", async (engine) => {
  using compiled = new CompiledFunction(engine, (x) => [x!], { name: "typed" });
  const bytes = engine.uint8Tensor(Uint8Array.of(7, 255), [2]);
  const ints = tf.tensor1d([7, -255], "int32");
  assert.equal(bytes.dtype, ints.dtype);
  assert.deepEqual(await call(compiled, bytes), [[7, 255]]);
  assert.equal(compiled.traceCount, 1);
  assert.deepEqual(await call(compiled, ints), [[7, -255]]);
  assert.equal(compiled.traceCount, 2);
  assert.deepEqual(await call(compiled, bytes), [[7, 255]]);
  assert.equal(compiled.traceCount, 2);
  tf.dispose([bytes, ints]);
});

engineTest("prepare() traces without running", async (engine) => {
  let runs = 0;
  using compiled = new CompiledFunction(engine, (x) => {
    runs++;
    return [tf.neg(x!)];
  }, { name: "prepared" });
  const x = tf.tensor1d([1]);
  compiled.prepare(x);
  compiled.prepare(x);
  assert.equal(compiled.traceCount, 1);
  assert.deepEqual(await call(compiled, x), [[-1]]);
  assert.equal(runs, 1);
  x.dispose();
});

engineTest("a captured tensor outlives the original", async (engine) => {
  const captured = tf.tidy(() => tf.mul(tf.tensor1d([10, 20]), 1));
  using compiled = new CompiledFunction(engine, (x) => [tf.add(x!, captured)], {
    name: "capture",
  });
  const x = tf.tensor1d([1, 2]);
  assert.deepEqual(await call(compiled, x), [[11, 22]]);
  captured.dispose();
  assert.deepEqual(await call(compiled, x), [[11, 22]]);
  x.dispose();
});

engineTest("a value first used in a trace is held, though made outside", async (engine) => {
  const delayed = tf.tensor1d([10, 20]); // tfjs hands values over with the first operation
  using compiled = new CompiledFunction(engine, (x) => [tf.add(x!, delayed)], {
    name: "delayed",
  });
  const x = tf.tensor1d([1, 2]);
  assert.deepEqual(await call(compiled, x), [[11, 22]]);
  assert.deepEqual(valuesOf(() => tf.neg(delayed)), [-10, -20]); // outside it is as it was
  delayed.dispose();
  assert.deepEqual(await call(compiled, x), [[11, 22]]);
  x.dispose();
});

engineTest("a frozen tensor is held as a constant, not as an input", async (engine) => {
  const weights = tf.tidy(() => tf.mul(tf.tensor1d([10, 20]), 1));
  using compiled = new CompiledFunction(
    engine,
    (x) => [tf.add(x!, engine.freeze(weights))],
    { name: "frozen" },
  );
  const x = tf.tensor1d([1, 2]);
  engine.idOf(x);
  const before = liveObjects().TFE_TensorHandle;
  compiled.prepare(x);
  assert.equal(liveObjects().TFE_TensorHandle, before);
  weights.dispose();
  assert.deepEqual(await call(compiled, x), [[11, 22]]);
  x.dispose();
});

engineTest("constants, lists and several outputs are traced", async (engine) => {
  const cases: [body: Body, expected: number[][]][] = [
    [() => [tf.tensor1d([4, 5])], [[4, 5]]],
    [(x) => [tf.add(x!, tf.tensor1d([1, 1, 1]))], [[2, 3, 4]]],
    [(x) => [tf.concat([x!, tf.tensor1d([9]), x!] as Tensor1D[])], [[1, 2, 3, 9, 1, 2, 3]]],
    [(x) => [tf.stack([x!, x!], 1)], [[1, 1, 2, 2, 3, 3]]],
    [(x) => [tf.addN([x!, x!, x!])], [[3, 6, 9]]],
    [(x) => tf.split(x!, 3), [[1], [2], [3]]],
    [(x) => tf.unstack(x!), [[1], [2], [3]]],
    [(x) => [tf.einsum("i,i->", x!, x!)], [[14]]],
    [(x) => [tf.cast(tf.greater(x!, 1), "float32")], [[0, 1, 1]]],
    [(x) => [tf.reshape(tf.pad(x!, [[1, 0]]), [2, 2])], [[0, 1, 2, 3]]],
    [() => [], []],
  ];
  for (const [body, expected] of cases) {
    assert.deepEqual(await callOnce(engine, body, tf.tensor1d([1, 2, 3])), expected);
  }
});

engineTest("gradients are traced, and are those of eager operations", async (engine) => {
  const body = (x: Tensor, w: Tensor) => {
    const loss = (x: Tensor, w: Tensor) =>
      tf.mean(tf.square(tf.sigmoid(tf.matMul(x as Tensor2D, w as Tensor2D)))) as tf.Scalar;
    const { value, grads } = tf.valueAndGrads((x, w) => loss(x!, w!))([x, w]);
    return [value, ...grads];
  };
  const inputs = [tf.tensor2d([[1, 2], [-3, 0.5]]), tf.tensor2d([[0.1, -0.2], [0.3, 0.4]])];
  const eager = tf.tidy(() => body(inputs[0]!, inputs[1]!).map((tensor) => [...tensor.dataSync()]));
  const traced = await callOnce(engine, (x, w) => body(x!, w!), ...inputs);
  // The optimizer of graphs may compute in another order.
  traced.forEach((values, i) => assertClose(values, eager[i]!, { relative: 1e-6, absolute: 1e-8 }));
});

engineTest("a body may return an input, an outside tensor, one twice", async (engine) => {
  assert.deepEqual(await callOnce(engine, (x) => [x!], tf.tensor1d([1, 2])), [[1, 2]]);
  assert.deepEqual(
    await callOnce(engine, (x) => {
      const y = tf.neg(x!);
      return [y, x!, y];
    }, tf.tensor1d([3])),
    [[-3], [3], [-3]],
  );
  const outside = tf.tensor1d([7]);
  assert.deepEqual(await callOnce(engine, () => [outside], tf.tensor1d([1])), [[7]]);
  assert.deepEqual([...outside.dataSync()], [7]); // still its owner's
  outside.dispose();
});

engineTest("results are new tensors, which the caller owns", async (engine) => {
  using compiled = new CompiledFunction(engine, (x) => [x!], { name: "identity" });
  const x = tf.tensor1d([1, 2]);
  const [result] = await compiled.call(x);
  x.dispose();
  assert.deepEqual([...result!.dataSync()], [1, 2]);
  result!.dispose();
});

engineTest("a call lets the event loop turn, and needs its inputs no more", async (engine) => {
  using compiled = new CompiledFunction(engine, (x) => {
    let y = x! as Tensor2D;
    for (let i = 0; i < 4; i++) y = tf.div(tf.matMul(y, x! as Tensor2D), 700) as Tensor2D;
    return [tf.mean(y)];
  }, { name: "long" });
  const x = tf.ones([700, 700]);
  compiled.prepare(x);
  let done = false;
  let turns = 0;
  const turning = (async () => {
    while (!done) {
      await new Promise(setImmediate);
      turns++;
    }
  })();
  const calling = compiled.call(x);
  x.dispose();
  const [result] = await calling;
  done = true;
  const turnsMeanwhile = turns;
  await turning;
  assert.deepEqual([...result!.dataSync()], [1]);
  assert.ok(turnsMeanwhile > 10, `the event loop turned ${turnsMeanwhile} times`);
  result!.dispose();
});
