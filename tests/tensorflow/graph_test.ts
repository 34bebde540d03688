import assert from "assert";
import type { Attribute } from "../../src/tensorflow/attributes.ts";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { Graph, type NodeOutput } from "../../src/tensorflow/graph.ts";
import { HostTensor } from "../../src/tensorflow/tensor.ts";
import { libraryTest } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

const float: Attribute = { kind: "type", value: DataType.FLOAT };

function placeholder(graph: Graph, shape?: readonly number[], dataType = DataType.FLOAT as number) {
  const attributes = new Map<string, Attribute>([["dtype", { kind: "type", value: dataType }]]);
  if (shape !== undefined) attributes.set("shape", { kind: "shape", value: shape });
  return { node: graph.add({ type: "Placeholder", inputs: [], attributes, after: [] }), index: 0 };
}

function apply(
  graph: Graph,
  type: string,
  inputs: readonly (NodeOutput | readonly NodeOutput[])[],
  attributes: Readonly<Record<string, Attribute>> = { T: float },
): NodeOutput {
  const given = new Map(Object.entries(attributes));
  return { node: graph.add({ type, inputs, attributes: given, after: [] }), index: 0 };
}

libraryTest("a graph infers shapes and types", () => {
  using graph = new Graph(testLibrary().symbols);
  const a = placeholder(graph, [2, 3]);
  const b = placeholder(graph, [3, 5]);
  const product = apply(graph, "MatMul", [a, b]);
  assert.deepEqual(graph.shape(product), [2, 5]);
  assert.equal(graph.dataType(product), DataType.FLOAT);
  const larger = apply(graph, "Greater", [product, product]);
  assert.equal(graph.dataType(larger), DataType.BOOL);
  assert.deepEqual(graph.shape(placeholder(graph, [])), []);
  assert.equal(graph.nodeCount, 5);
});

libraryTest("a graph tells an unknown size from an unknown shape", () => {
  using graph = new Graph(testLibrary().symbols);
  const open = placeholder(graph, [-1, 4]);
  assert.deepEqual(graph.shape(open), [-1, 4]);
  const unknown = placeholder(graph);
  assert.equal(graph.shape(unknown), undefined);
  graph.setShape(unknown, [7, 4]);
  assert.deepEqual(graph.shape(unknown), [7, 4]);
  assert.deepEqual(graph.shape(apply(graph, "Neg", [unknown])), [7, 4]);
  const scalar = placeholder(graph);
  graph.setShape(scalar, []);
  assert.deepEqual(graph.shape(scalar), []);
});

libraryTest("setShape() refuses a shape that contradicts the known one", () => {
  using graph = new Graph(testLibrary().symbols);
  const known = placeholder(graph, [2, 3]);
  const failure = { name: "TinctError", message: /TF_GraphSetTensorShape \(code 3\)/ };
  assert.throws(() => graph.setShape(known, [2, 4]), failure);
  assert.throws(() => graph.setShape(known, [2]), failure);
});

libraryTest("a node has as many outputs as its operation, and takes lists", () => {
  using graph = new Graph(testLibrary().symbols);
  const parts = [placeholder(graph, [2]), placeholder(graph, [2]), placeholder(graph, [2])];
  const stacked = apply(graph, "Pack", [parts], { T: float, axis: { kind: "int", value: 0 } });
  assert.deepEqual(graph.shape(stacked), [3, 2]);
  const { node } = apply(graph, "Unpack", [stacked], {
    T: float,
    num: { kind: "int", value: 3 },
    axis: { kind: "int", value: 0 },
  });
  assert.equal(graph.outputCount(node), 3);
  assert.deepEqual(graph.shape({ node, index: 2 }), [2]);
});

libraryTest("a constant holds a value whose tensor is gone", () => {
  using graph = new Graph(testLibrary().symbols);
  const value = HostTensor.of(graph.symbols, DataType.INT32, [2], Int32Array.of(4, 6));
  const dtype: Attribute = { kind: "type", value: DataType.INT32 };
  const attributes = new Map([["dtype", dtype]]);
  const node = graph.add({ type: "Const", inputs: [], attributes, value, after: [] });
  value[Symbol.dispose]();
  const filled = apply(graph, "Fill", [{ node, index: 0 }, placeholder(graph, [])], {
    T: float,
    index_type: dtype,
  });
  assert.deepEqual(graph.shape(filled), [4, 6]); // inferred from the constant's value
});

libraryTest("a node that does not fit is refused by name, and the graph stays usable", () => {
  using graph = new Graph(testLibrary().symbols);
  const a = placeholder(graph, [2, 3]);
  const number = placeholder(graph, [2, 3], DataType.INT32);
  const cases: [add: () => unknown, message: RegExp][] = [
    [() => apply(graph, "NoSuchOperation", []), /tracing NoSuchOperation_\d+ \(code 3\)/],
    [() => apply(graph, "MatMul", [a, a]), /tracing MatMul_\d+ \(code 3\): Dimensions must be/],
    [() => apply(graph, "AddV2", [a]), /tracing AddV2_\d+ \(code 3\): /],
    [() => apply(graph, "Neg", [a, a]), /tracing Neg_\d+ \(code 3\): /],
    [() => apply(graph, "AddV2", [a, number]), /tracing AddV2_\d+ \(code 3\): /],
    [
      () => apply(graph, "Neg", [a], { T: { kind: "int", value: 1 } }),
      /tracing Neg_\d+ \(code 3\)/,
    ],
  ];
  for (const [add, message] of cases) {
    assert.throws(add, { name: "TinctError", code: "internal", message });
  }
  assert.deepEqual(graph.shape(apply(graph, "Neg", [a])), [2, 3]);
});
