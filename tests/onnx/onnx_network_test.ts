import assert from "assert";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import tf from "@tensorflow/tfjs";
import type { Engine } from "../../src/engine/engine.ts";
import { compareOutputs } from "../../src/onnx/compare_outputs.ts";
import { readNpy } from "../../src/onnx/npy_file.ts";
import { OnnxNetwork, openOnnx } from "../../src/onnx/onnx_network.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { graphFile } from "./graph_file.ts";

/** What testdata/onnx/make_onnx.py wrote: networks, and what ONNX Runtime computes with them. */
const at = (name: string) => fileURLToPath(new URL(`../testdata/onnx/${name}`, import.meta.url));

/** The largest difference of what a network gives, in parts of the range of what it should. */
async function difference(
  engine: Engine,
  file: string,
  { inputs, output }: { readonly inputs: readonly string[]; readonly output: string },
): Promise<number> {
  using network = await OnnxNetwork.load(engine, await openOnnx(at(file)));
  const given = await Promise.all(inputs.map((name) => readNpy(at(name))));
  const [result] = await compareOutputs(network, given, [await readNpy(at(output))]);
  assert.ok(result!.range > 0);
  return result!.relative;
}

const own = (name: string, count = 1) => ({
  inputs: Array.from({ length: count }, (_, index) => `${name}.in${index}.npy`),
  output: `${name}.out.npy`,
});
const other = { inputs: ["ddcolor.other.in0.npy"], output: "ddcolor.other.out.npy" };
/** Weights in 16 and 8 bits round, so these have results of their own. */
const rounded = (kind: string) => ({
  inputs: ["ddcolor.in0.npy"],
  output: `ddcolor.${kind}.out.npy`,
});

/**
 * Exports, what goes in and comes out, and how far that may be off, in parts of the range; else by
 * 1e-5, as float32 is that is added up in another order.
 */
const exports: readonly (readonly [string, ReturnType<typeof own>, tolerance?: number])[] = [
  ...["legacy11", "legacy17", "legacy20", "dynamo18", "dynamo20"].flatMap((kind) => [
    [`siggraph17.${kind}.onnx`, own("siggraph17", 3)] as const,
    [`eccv16.${kind}.onnx`, own("eccv16")] as const,
    [`deoldify.${kind}.onnx`, own("deoldify")] as const,
    [`ddcolor.${kind.replace("11", "12")}.onnx`, own("ddcolor")] as const,
  ]),
  ["deoldify.unfolded18.onnx", own("deoldify")],
  ["ddcolor.external20.onnx", own("ddcolor")],
  ["ddcolor.dynamic-legacy17.onnx", own("ddcolor")],
  ["ddcolor.dynamic-legacy17.onnx", other],
  ["ddcolor.dynamic-dynamo20.onnx", own("ddcolor")],
  ["ddcolor.dynamic-dynamo20.onnx", other],
  // Only the weights are float16, and both compute in float32.
  ["ddcolor.float16-weights.onnx", rounded("float16-weights")],
  // ONNX Runtime rounds every result to float16 (2⁻¹¹), and we none.
  ["ddcolor.float16.onnx", rounded("float16"), 3e-3],
  // A number on the edge between two bytes falls to either side by float32's last bit.
  ["ddcolor.uint8.onnx", rounded("uint8"), 1e-2],
];

for (const [file, how, tolerance = 1e-5] of exports) {
  engineTest(`${file} gives for ${how.inputs[0]} what ONNX Runtime gives`, async (engine) => {
    const off = await difference(engine, file, how);
    assert.ok(off <= tolerance, `${off} of the range`);
  });
}

engineTest(
  "a number that is none is the largest difference, whatever comes after it",
  async (engine) => {
    await using folder = await TemporaryFolder.create();
    const path = folder.join("root.onnx");
    await writeFile(
      path,
      graphFile({ nodes: [{ operation: "Sqrt", inputs: ["x"], outputs: ["y"] }] }),
    );
    using network = await OnnxNetwork.load(engine, await openOnnx(path));
    const two = (...values: number[]) => ({
      shape: [1, 2],
      dtype: "float32" as const,
      values: Float32Array.from(values),
    });
    const [result] = await compareOutputs(network, [two(-1, 4)], [two(1, 2)]);
    assert.deepEqual([result?.difference, result?.relative], [NaN, NaN]);
  },
);

engineTest(
  "large constants are given to a network's function, which would copy them",
  async (engine, t) => {
    if (engine.binding.isUsingGpuDevice()) return;
    await using folder = await TemporaryFolder.create();
    const path = folder.join("x.onnx");
    const values = (count: number) => Array.from({ length: count }, (_, at) => (at % 7 - 3) / 64);
    const square = (side: number) => ({
      name: "c",
      shape: [side, side],
      values: values(side ** 2),
    });
    const kernel = (name: string, outputs: number, inputs: number) => ({
      name,
      shape: [outputs, inputs, 1, 1],
      values: values(outputs * inputs),
    });
    const cases: readonly [string, Parameters<typeof graphFile>[0], number[], number][] = [
      [
        "a matrix of 4096 numbers",
        {
          nodes: [{ operation: "MatMul", inputs: ["x", "c"], outputs: ["y"] }],
          tensors: [square(64)],
        },
        [1, 64],
        1,
      ],
      [
        "one of 1024",
        {
          nodes: [{ operation: "MatMul", inputs: ["x", "c"], outputs: ["y"] }],
          tensors: [square(32)],
        },
        [1, 32],
        0,
      ],
      [
        "a kernel of more than 2^20, and a smaller one",
        {
          nodes: [
            { operation: "Conv", inputs: ["x", "large"], outputs: ["a"] },
            { operation: "Conv", inputs: ["a", "small"], outputs: ["y"] },
          ],
          tensors: [kernel("large", 1025, 1024), kernel("small", 2, 1025)],
        },
        [1, 1024, 1, 1],
        1,
      ],
    ];
    for (const [what, graph, shape, captured] of cases) {
      await t.step(what, async () => {
        await writeFile(path, graphFile({ ...graph, shapes: { x: shape } }));
        using network = await OnnxNetwork.load(engine, await openOnnx(path));
        using compiled = network.compile();
        const x = tf.ones(shape);
        const [y] = await compiled.call(x);
        const given = await engine.read(y!);
        tf.dispose([x, y!]);
        assert.equal(compiled.captureCount, captured);
        // Of ones each layer makes the sums of its weights' rows or columns.
        let expected = shape.slice(1, 2).flatMap((count) => Array.from({ length: count }, () => 1));
        for (const { shape: [rows = 0, columns = 0], values = [] } of graph.tensors ?? []) {
          const isKernel = shape.length === 4;
          const [count, length] = isKernel ? [rows, columns] : [columns, rows];
          expected = Array.from({ length: count }, (_, at) => {
            const weight = (i: number) => values[isKernel ? at * columns + i : i * columns + at]!;
            return Array.from({ length }, (_, i) => expected[i]! * weight(i))
              .reduce((a, b) => a + b, 0);
          });
        }
        const range = Math.max(...expected.map(Math.abs), 0.1);
        for (const [at, value] of given.entries()) {
          assert.ok(Math.abs(value - expected[at]!) < 1e-5 * range, `${at}: ${value}`);
        }
      });
    }
  },
);
