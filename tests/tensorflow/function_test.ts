import assert from "assert";
import type { Attribute } from "../../src/tensorflow/attributes.ts";
import type { Context } from "../../src/tensorflow/context.ts";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { GraphFunction } from "../../src/tensorflow/function.ts";
import { Graph, type NodeOutput } from "../../src/tensorflow/graph.ts";
import { EagerOperation } from "../../src/tensorflow/operation.ts";
import type { TensorHandle } from "../../src/tensorflow/tensor_handle.ts";
import { floats, libraryTest, testContext, valuesOf } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

const float: Attribute = { kind: "type", value: DataType.FLOAT };

/** Adds a node of float32. */
function add(
  graph: Graph,
  type: string,
  inputs: readonly NodeOutput[],
  { key = "T" } = {},
): NodeOutput {
  const attributes = new Map([[key, float]]);
  return { node: graph.add({ type, inputs, attributes, after: [] }), index: 0 };
}

function call(context: Context, name: string, inputs: readonly TensorHandle[], outputs: number) {
  using operation = new EagerOperation(context, name);
  for (const input of inputs) operation.addInput(input);
  const results = operation.execute(outputs);
  const values = results.map(valuesOf);
  for (const result of results) result[Symbol.dispose]();
  return values;
}

for (const xla of [false, true]) {
  libraryTest(`a function gives its outputs in order${xla ? ", compiled by XLA" : ""}`, () => {
    using graph = new Graph(testLibrary().symbols);
    const x = add(graph, "Placeholder", [], { key: "dtype" });
    const y = add(graph, "Placeholder", [], { key: "dtype" });
    const [sum, product] = [add(graph, "AddV2", [x, y]), add(graph, "Mul", [x, y])];
    const name = `sum_and_product_${xla}`;
    using made = new GraphFunction(graph, {
      name,
      inputs: [x, y],
      outputs: [product, sum, product],
      controlOutputs: [],
      xla,
    });
    assert.equal(made.name, name);
    using context = testContext();
    context.addFunction(made);
    using a = floats([2], [2, 3]);
    using b = floats([2], [5, 7]);
    assert.deepEqual(call(context, name, [a, b], 3), [[10, 21], [7, 10], [10, 21]]);
  });
}

libraryTest("a function writes to a variable though no output needs it", () => {
  using graph = new Graph(testLibrary().symbols);
  const x = add(graph, "Placeholder", [], { key: "dtype" });
  const attributes = new Map<string, Attribute>([
    ["dtype", float],
    ["shape", { kind: "shape", value: [1] }],
    ["shared_name", { kind: "string", value: "written by a function" }],
  ]);
  const node = graph.add({ type: "VarHandleOp", inputs: [], attributes, after: [] });
  const variable = { node, index: 0 };
  const write = add(graph, "AssignVariableOp", [variable, x], { key: "dtype" });
  using made = new GraphFunction(graph, {
    name: "write",
    inputs: [x],
    outputs: [variable],
    controlOutputs: [write.node],
    xla: false,
  });
  using context = testContext();
  context.addFunction(made);
  using value = floats([1], [6]);
  using operation = new EagerOperation(context, "write");
  operation.addInput(value);
  const [resource] = operation.execute(1);
  using handle = resource!;
  using reading = new EagerOperation(context, "ReadVariableOp");
  reading.addInput(handle);
  reading.setAttribute("dtype", float);
  const [current] = reading.execute(1);
  using read = current!;
  assert.deepEqual(valuesOf(read), [6]);
});

libraryTest("a function whose body needs an input that it has not is refused by name", () => {
  using graph = new Graph(testLibrary().symbols);
  const x = add(graph, "Placeholder", [], { key: "dtype" });
  const description = { inputs: [x, x], outputs: [x], controlOutputs: [], xla: false };
  assert.throws(() => new GraphFunction(graph, { name: "doubled", ...description }), {
    name: "TinctError",
    message: /making the function doubled \(code 3\): /,
  });
});
