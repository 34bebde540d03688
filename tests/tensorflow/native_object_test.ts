import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import assert from "assert";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { GraphFunction } from "../../src/tensorflow/function.ts";
import { Graph } from "../../src/tensorflow/graph.ts";
import { liveObjects, type NativeObject } from "../../src/tensorflow/native_object.ts";
import { EagerOperation } from "../../src/tensorflow/operation.ts";
import { Status } from "../../src/tensorflow/status.ts";
import { HostTensor } from "../../src/tensorflow/tensor.ts";
import { floats, libraryTest, testContext } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

/** One object of every kind, each made by itself. */
const kinds: [kind: string, make: () => NativeObject][] = [
  ["TF_Status", () => new Status(testLibrary().symbols)],
  ["TF_Tensor", () => hostTensor(1)],
  ["TFE_TensorHandle", () => floats([1], [2])],
  ["TFE_Context", () => testContext()],
  ["TF_Graph", () => new Graph(testLibrary().symbols)],
  ["TF_Function", () => {
    using graph = new Graph(testLibrary().symbols);
    const signature = { inputs: [], outputs: [], controlOutputs: [], xla: false };
    return new GraphFunction(graph, { name: "empty", ...signature });
  }],
];

function hostTensor(value: number): HostTensor {
  return HostTensor.of(testLibrary().symbols, DataType.FLOAT, [1], Float32Array.of(value));
}

for (const [kind, make] of kinds) {
  libraryTest(`a ${kind} is counted while it lives, goes once, and is not used afterwards`, () => {
    assert.equal(liveObjects()[kind], undefined);
    const object = make();
    assert.equal(liveObjects()[kind], 1);
    assert.ok(object.pointer);
    object[Symbol.dispose]();
    assert.equal(liveObjects()[kind], undefined);
    object[Symbol.dispose]();
    assert.equal(liveObjects()[kind], undefined);
    assert.throws(() => object.pointer, {
      name: "TypeError",
      message: `This ${kind} has been disposed of.`,
    });
  });
}

libraryTest("methods of an object refuse to work once it has been disposed of", () => {
  using context = testContext();
  using input = floats([1], [2]);
  const operation = new EagerOperation(context, "Neg");
  const graph = new Graph(testLibrary().symbols);
  const tensor = hostTensor(1);
  const handle = floats([1], [2]);
  for (const object of [operation, graph, tensor, handle]) object[Symbol.dispose]();
  const uses: (() => unknown)[] = [
    () => operation.addInput(input),
    () => operation.setAttribute("T", { kind: "type", value: DataType.FLOAT }),
    () => operation.execute(1),
    () => graph.add({ type: "NoOp", inputs: [], attributes: new Map(), after: [] }),
    () => tensor.bytes(),
    () => handle.share(),
    () => handle.resolve(),
  ];
  for (const use of uses) {
    assert.throws(use, { name: "TypeError", message: /has been disposed of/ });
  }
});

libraryTest("an object that the library did not make is refused at once", () => {
  assert.throws(() => new HostTensor(testLibrary().symbols, null), {
    message: "TensorFlow returned no TF_Tensor.",
  });
});

libraryTest("objects that were forgotten are given back by the garbage collector", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const count = () => liveObjects().TF_Tensor ?? 0;
  using kept = hostTensor(3);
  forgetTensors(100);
  assert.equal(count(), 101);
  for (let turn = 0; turn < 10 && count() > 1; turn++) {
    collect();
    await new Promise(setImmediate); // finalizers run between turns of the event loop
  }
  assert.equal(count(), 1);
  assert.deepEqual([...new Float32Array(kept.bytes().slice().buffer)], [3]);
});

function forgetTensors(count: number): void {
  for (let i = 0; i < count; i++) hostTensor(i);
}
