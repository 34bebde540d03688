/**
 * Times every convolution of the full-size generator in the three ways that
 * `src/engine/kernels/convolution.ts` chooses between: as a matrix product of patches, by oneDNN
 * ("SAME"), and by TensorFlow's own kernels (explicit padding); forward, gradient by the input,
 * gradient by the filter. Milliseconds, the best of a few calls.
 *
 *     deno run -A bench/convolutions.ts --batch 1
 */
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import { CompiledFunction } from "../src/engine/compile.ts";
import { runSingle } from "../src/engine/kernels/kernel.ts";
import { addPatches, patchesOf } from "../src/engine/kernels/patches.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given } = parseArgs({
  options: {
    batch: { type: "string", default: "1" },
    repeat: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
  },
});
const batch = Number(given.batch);
using engine = await startBenchEngine({ threads: Number(given.threads), precision: "float32" });

/** Side of the larger picture, its channels, the smaller one's channels. */
const layers: readonly (readonly [number, number, number])[] = [
  [256, 1, 64],
  [256, 2, 128],
  [128, 64, 128],
  [128, 64, 256],
  [64, 128, 256],
  [64, 128, 512],
  [32, 256, 512],
  [32, 256, 1024],
  [16, 512, 512],
  [16, 512, 1024],
  [8, 512, 512],
  [8, 512, 1024],
  [4, 512, 512],
  [4, 512, 1024],
  [2, 512, 512],
];

/** A way to compute x [B, s, s, c] * w [4, 4, c, d] -> dy [B, s/2, s/2, d] and its gradients. */
interface Way {
  forward(x: Tensor, w: Tensor): Tensor;
  byInput(w: Tensor, dy: Tensor, shape: number[]): Tensor;
  byFilter(x: Tensor, dy: Tensor, shape: number[]): Tensor;
}

const rows = (x: Tensor): Tensor2D => tf.reshape(x, [-1, x.shape.at(-1) ?? 0]);
const halving = { stride: 2, padding: [1, 1, 1, 1] };

function operations(name: "Same" | "Explicit"): Way {
  const sizes = (shape: number[]) => tf.tensor1d(shape, "int32");
  return {
    forward: (x, filter) => runSingle(`Conv2D.${name}`, { x, filter }, halving),
    byInput: (filter, dy, shape) =>
      runSingle(`Conv2DBackpropInput.${name}`, { sizes: sizes(shape), filter, dy }, halving),
    byFilter: (x, dy, shape) =>
      runSingle(`Conv2DBackpropFilter.${name}`, { x, sizes: sizes(shape), dy }, halving),
  };
}

const ways: Readonly<Record<string, Way>> = {
  product: {
    forward: (x, w) => tf.matMul(patchesOf(x) as Tensor2D, rows(w)),
    byInput: (w, dy, shape) => addPatches(tf.matMul(rows(dy), rows(w), false, true), shape),
    byFilter: (x, dy) => tf.matMul(patchesOf(x) as Tensor2D, rows(dy), true, false),
  },
  same: operations("Same"),
  explicit: operations("Explicit"),
};

for (const [side, input, output] of layers) {
  const x = tf.randomUniform([batch, side, side, input]);
  const w = tf.randomUniform([4, 4, input, output]);
  const dy = tf.randomUniform([batch, side / 2, side / 2, output]);
  const columns: string[] = [];
  for (const [name, way] of Object.entries(ways)) {
    const times = [
      await best((x, w) => way.forward(x, w), x, w),
      await best((w, dy) => way.byInput(w, dy, x.shape), w, dy),
      await best((x, dy) => way.byFilter(x, dy, w.shape), x, dy),
    ];
    columns.push(`${name} ${times.map((ms) => ms.toFixed(1)).join(" ").padEnd(16)}`);
  }
  tf.dispose([x, w, dy]);
  console.log(`${`${side} px ${input} -> ${output}`.padEnd(18)} ${columns.join("  ")}`);
}

async function best(
  body: (a: Tensor, b: Tensor) => Tensor,
  ...inputs: [Tensor, Tensor]
): Promise<number> {
  using compiled = new CompiledFunction(engine, (a, b) => [body(a!, b!)], { name: "bench" });
  let fastest = Infinity;
  for (let i = 0; i < Number(given.repeat); i++) {
    const start = performance.now();
    tf.dispose(await compiled.call(...inputs));
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
