import assert from "assert";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { GraphFunction } from "../../src/tensorflow/function.ts";
import { Graph } from "../../src/tensorflow/graph.ts";
import { EagerOperation } from "../../src/tensorflow/operation.ts";
import { floats, libraryTest, testContext, valuesOf } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

/** The function of x that is -x. */
function negation(name: string): GraphFunction {
  using graph = new Graph(testLibrary().symbols);
  const dtype = { kind: "type", value: DataType.FLOAT } as const;
  const x = graph.add({
    type: "Placeholder",
    inputs: [],
    attributes: new Map([["dtype", dtype]]),
    after: [],
  });
  const y = graph.add({
    type: "Neg",
    inputs: [{ node: x, index: 0 }],
    attributes: new Map([["T", dtype]]),
    after: [],
  });
  return new GraphFunction(graph, {
    name,
    inputs: [{ node: x, index: 0 }],
    outputs: [{ node: y, index: 0 }],
    controlOutputs: [],
    xla: false,
  });
}

libraryTest("devices() lists the CPU, and no GPU where it is to be hidden", () => {
  using context = testContext({ gpu: false });
  const devices = context.devices();
  assert.deepEqual(devices.map(({ type }) => type), ["CPU"]);
  assert.equal(devices[0]?.name, "/job:localhost/replica:0/task:0/device:CPU:0");
});

libraryTest("a context works with any number of threads", () => {
  for (const threads of [0, 1, 3]) {
    using context = testContext({ threads });
    assert.equal(context.options.threads, threads);
    using x = floats([1], [threads]);
    using operation = new EagerOperation(context, "Neg");
    operation.addInput(x);
    const [result] = operation.execute(1);
    using negative = result!;
    assert.deepEqual(valuesOf(negative), [-threads]);
  }
});

libraryTest("a function can be called from when it is added until it is removed", () => {
  using context = testContext();
  const made = negation("negation");
  context.addFunction(made);
  made[Symbol.dispose](); // the context has its own copy
  using x = floats([2], [1, -2]);
  const call = () => {
    using operation = new EagerOperation(context, "negation");
    operation.addInput(x);
    const [result] = operation.execute(1);
    using handle = result!;
    return valuesOf(handle);
  };
  assert.deepEqual(call(), [-1, 2]);
  context.removeFunction("negation");
  assert.throws(call, { name: "TinctError", message: /negation/ });
});

libraryTest("two different functions of one name are refused, and so is removing one twice", () => {
  using context = testContext();
  using first = negation("twice");
  context.addFunction(first);
  using graph = new Graph(testLibrary().symbols);
  const signature = { inputs: [], outputs: [], controlOutputs: [], xla: false };
  using other = new GraphFunction(graph, { name: "twice", ...signature });
  assert.throws(() => context.addFunction(other), {
    name: "TinctError",
    message: /adding the function twice/,
  });
  context.removeFunction("twice");
  assert.throws(() => context.removeFunction("twice"), {
    name: "TinctError",
    message: /removing the function twice/,
  });
});
