import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { assertClose, engineTest } from "./test_engine.ts";

const nine = Array.from({ length: 9 }, (_, i) => i + 1);

/** tfjs's operations, each with numbers that were worked out by hand. */
const cases: Record<string, [run: () => Tensor, expected: number[], shape: number[]]> = {
  "add with broadcasting": [() => tf.add([[1, 2], [3, 4]], [10, 20]), [11, 22, 13, 24], [2, 2]],
  "matMul": [
    () => tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]),
    [19, 22, 43, 50],
    [2, 2],
  ],
  "matMul, transposed": [
    () => tf.matMul([[1, 3], [2, 4]], [[5, 7], [6, 8]], true, true),
    [19, 22, 43, 50],
    [2, 2],
  ],
  "conv2d": [
    () => tf.conv2d(tf.tensor4d(nine, [1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), 1, "valid"),
    [12, 16, 24, 28],
    [1, 2, 2, 1],
  ],
  "maxPool": [
    () => tf.maxPool(tf.tensor4d(nine, [1, 3, 3, 1]), 2, 1, "valid"),
    [5, 6, 8, 9],
    [1, 2, 2, 1],
  ],
  "mean along an axis": [() => tf.mean(tf.tensor2d([[1, 2, 6], [4, 5, 9]]), 1), [3, 6], [2]],
  "argMax": [() => tf.argMax([[1, 7, 2], [9, 0, 3]], 1), [1, 0], [2]],
  "concat": [() => tf.concat([tf.tensor1d([1]), tf.tensor1d([2, 3])]), [1, 2, 3], [3]],
  "stack": [() => tf.stack([tf.tensor1d([1, 2]), tf.tensor1d([3, 4])], 1), [1, 3, 2, 4], [2, 2]],
  "addN": [() => tf.addN([tf.scalar(1), tf.scalar(2), tf.scalar(4)]), [7], []],
  "slice": [() => tf.slice(tf.tensor2d(nine, [3, 3]), [1, 0], [2, 2]), [4, 5, 7, 8], [2, 2]],
  "transpose": [() => tf.transpose(tf.tensor2d([[1, 2, 3], [4, 5, 6]])), [1, 4, 2, 5, 3, 6], [
    3,
    2,
  ]],
  "pad": [() => tf.pad(tf.tensor1d([5]), [[1, 2]]), [0, 5, 0, 0], [4]],
  "reverse": [() => tf.reverse(tf.tensor1d([1, 2, 3]), 0), [3, 2, 1], [3]],
  "gather": [() => tf.gather(tf.tensor1d([10, 20, 30]), tf.tensor1d([2, 0], "int32")), [30, 10], [
    2,
  ]],
  "where": [
    () => tf.where(tf.tensor1d([1, 0, 1], "bool"), tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])),
    [1, 5, 3],
    [3],
  ],
  "greater gives bytes": [() => tf.greater([1, 5, 3], 3), [0, 1, 0], [3]],
  "whole numbers": [
    () => tf.floorDiv(tf.tensor1d([7, -7], "int32"), tf.scalar(2, "int32")),
    [3, -4],
    [2],
  ],
  "cast": [() => tf.cast(tf.tensor1d([1.9, -1.9]), "int32"), [1, -1], [2]],
  "einsum": [() => tf.einsum("ij,j->i", tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([5, 6])), [
    17,
    39,
  ], [2]],
  "softplus of large numbers": [() => tf.softplus([-100, 0, 100]), [0, Math.LN2, 100], [3]],
  "resizeBilinear": [
    () => tf.image.resizeBilinear(tf.tensor3d([0, 4], [1, 2, 1]), [1, 4], false, true),
    [0, 1, 3, 4],
    [1, 4, 1],
  ],
};

for (const [name, [run, expected, shape]] of Object.entries(cases)) {
  engineTest(`tfjs's ${name} runs on TensorFlow`, () => {
    tf.tidy(() => {
      const result = run();
      assert.deepEqual(result.shape, shape);
      assertClose(result.dataSync(), expected, { relative: 1e-6 });
    });
  });
}

engineTest("values are typed as tfjs's types are", () => {
  tf.tidy(() => {
    assert.ok(tf.square(tf.tensor1d([1.5])).dataSync() instanceof Float32Array);
    assert.ok(tf.square(tf.tensor1d([2], "int32")).dataSync() instanceof Int32Array);
    assert.ok(tf.logicalNot(tf.tensor1d([0], "bool")).dataSync() instanceof Uint8Array);
  });
});

engineTest("values read are a copy, which later operations and disposals leave alone", (engine) => {
  const tensor = tf.tidy(() => tf.square(tf.tensor1d([2, 3])));
  const values = tensor.dataSync();
  values[0] = 100;
  assert.deepEqual([...tensor.dataSync()], [4, 9]);
  const again = engine.binding.tensorDataSync(engine.idOf(tensor));
  tensor.dispose();
  assert.deepEqual([...again], [4, 9]);
});

engineTest("read() gives floats, readBytes() bytes, nothing else", async (engine) => {
  const floats = tf.tensor1d([1.5, 2]);
  const bytes = engine.uint8Tensor(Uint8Array.of(1, 255), [2]);
  assert.deepEqual(await engine.read(floats), Float32Array.of(1.5, 2));
  assert.deepEqual(await engine.readBytes(bytes), Uint8Array.of(1, 255));
  await assert.rejects(engine.read(bytes), { name: "TypeError", message: /float32/ });
  await assert.rejects(engine.readBytes(floats), { name: "TypeError", message: /uint8/ });
  tf.dispose([floats, bytes]);
});

engineTest("read() survives the disposal of its tensor", async (engine) => {
  const tensor = tf.tidy(() => tf.square(tf.tensor1d([2, 3])));
  const handles = () => liveObjects().TFE_TensorHandle;
  const before = handles()!;
  const reading = engine.read(tensor);
  assert.equal(handles(), before + 1); // it owns one of its own meanwhile
  tensor.dispose();
  assert.deepEqual(await reading, Float32Array.of(4, 9));
});

engineTest("filledTensor() and lookAt() give the memory of a tensor itself", async (engine) => {
  const bytes = engine.filledTensor("uint8", [2, 3], (memory) => {
    assert.equal(memory.length, 6);
    memory.set([1, 2, 3, 4, 5, 255]);
  });
  const floats = engine.filledTensor("float32", [2], ({ buffer }) => {
    new Float32Array(buffer).set([1.5, -2]);
  });
  let seen: number[] = [];
  await engine.lookAt(bytes, (memory) => seen = [...memory]);
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 255]);
  assert.deepEqual([...await engine.read(floats)], [1.5, -2]);
  tf.dispose([bytes, floats]);
});

engineTest("filledTensor() lets go of what could not be filled", (engine) => {
  const before = liveObjects().TF_Tensor;
  assert.throws(
    () => engine.filledTensor("uint8", [4], (memory) => memory.set([1], 4)),
    RangeError,
  );
  assert.equal(liveObjects().TF_Tensor, before);
});

engineTest("uint8Tensor() refuses bytes that do not fill the shape", (engine) => {
  assert.throws(() => engine.uint8Tensor(new Uint8Array(5), [2, 3]), {
    name: "RangeError",
    message: /\[2,3\].* 6 bytes, not 5/,
  });
});

engineTest("a tensor that was disposed of is refused", (engine) => {
  const tensor = tf.tensor1d([1]);
  const id = engine.idOf(tensor);
  tensor.dispose();
  assert.throws(() => engine.idOf(tensor), {
    name: "TypeError",
    message: "The tensor has been disposed of.",
  });
  assert.throws(() => engine.binding.tensorDataSync(id), {
    name: "TinctError",
    message: `There is no tensor with the id ${id}; it was disposed of, or belonged to a trace.`,
  });
});

engineTest("an operation that fails says which, and leaves the engine usable", () => {
  tf.tidy(() => {
    const [a, b] = [tf.ones([2, 3]), tf.ones([2, 3])];
    const attributes = { transposeA: false, transposeB: false };
    assert.throws(() => tf.engine().runKernel("BatchMatMul", { a, b }, attributes), {
      name: "TinctError",
      code: "internal",
      message: /^TensorFlow failed at BatchMatMulV2 \(code 3\): .*\[2,3\]/,
    });
    assertClose(tf.matMul(a as never, b as never, false, true).dataSync(), [3, 3, 3, 3], {});
  });
});

engineTest("values that tfjs can hold and TensorFlow's binding cannot are refused", (engine) => {
  const { binding } = engine;
  assert.throws(() => binding.createTensor([1], binding.TF_FLOAT, "one"), {
    name: "TypeError",
    message: /typed array or a list, not string/,
  });
  assert.throws(() => binding.createTensor([1], binding.TF_STRING, ["one"]), {
    name: "TypeError",
    message: /type 7 is not supported/,
  });
  assert.throws(() => binding.loadSavedModel(), { name: "TinctError", code: "unimplemented" });
  const attribute = { name: "oddity", type: 99, value: 1 };
  assert.throws(() => binding.executeOp("Neg", [attribute], [], 1), {
    name: "TypeError",
    message: "Neg has an attribute oddity of an unknown type 99.",
  });
});

engineTest("the binding takes lists of numbers of each type", (engine) => {
  const { binding } = engine;
  const cases: [type: number, values: number[], read: ArrayLike<number>][] = [
    [binding.TF_FLOAT, [1.5, -2], Float32Array.of(1.5, -2)],
    [binding.TF_INT32, [3, -4], Int32Array.of(3, -4)],
    [binding.TF_BOOL, [1, 0], Uint8Array.of(1, 0)],
    [binding.TF_UINT8, [7, 255], Uint8Array.of(7, 255)],
  ];
  for (const [type, values, read] of cases) {
    const id = binding.createTensor([2], type, values);
    assert.deepEqual(binding.tensorDataSync(id), read);
    binding.deleteTensor(id);
    binding.deleteTensor(id); // tfjs may say so twice
  }
});
