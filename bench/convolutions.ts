/**
 * Times every convolution of the full-size networks in the ways that
 * `src/engine/kernels/convolution_forms.ts` chooses between: as a matrix product of patches, padded
 * "SAME", padded in four numbers, and padded by hand; forward, gradient by the input, gradient by the
 * filter. Milliseconds, the best of a few calls; a dash where a way does not exist. A star marks what
 * is chosen.
 *
 *     deno run -A bench/convolutions.ts --batch 1 --precision bfloat16 [--network resnet18]
 *
 * With `--network convnext` the depthwise convolutions of `src/engine/kernels/depthwise.ts`: as there,
 * by TensorFlow's own gradients, and as 49 shifted products.
 */
import { parseArgs } from "node:util";
import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { parseTrainingConfig } from "../src/config/training.ts";
import { CompiledFunction } from "../src/engine/compile.ts";
import {
  type ConvolutionForm,
  convolutionForm,
  type ConvolutionGeometry,
  type ConvolutionOperation,
  type Sides,
} from "../src/engine/kernels/convolution_forms.ts";
import { depthwiseConvolution } from "../src/engine/kernels/depthwise.ts";
import { floatType, registerOperation, runSingle } from "../src/engine/kernels/kernel.ts";
import { addPatches, patchesOf } from "../src/engine/kernels/patches.ts";
import { startBenchEngine } from "./bench_engine.ts";

const { values: given } = parseArgs({
  options: {
    batch: { type: "string", default: "1" },
    precision: { type: "string", default: "float32" },
    network: { type: "string", default: "unet" },
    repeat: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
  },
});
const batch = Number(given.batch);
const { precision } = parseTrainingConfig({ precision: given.precision });
using engine = await startBenchEngine({ threads: Number(given.threads), precision });
const place = { device: "cpu", precision } as const;

/** Side of the larger picture, its channels, the smaller one's channels, kernel, stride, padding. */
type Layer = readonly [number, number, number, number, number, number];

const halvings: readonly (readonly [number, number, number])[] = [
  [256, 1, 64],
  [256, 2, 128],
  [256, 3, 64], // the PatchGAN's first
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
const networks: Readonly<Record<string, readonly Layer[]>> = {
  unet: [
    ...halvings.map(([side, input, output]): Layer => [side, input, output, 4, 2, 1]),
    [32, 256, 512, 4, 1, 1], // how the PatchGAN ends
    [31, 512, 1, 4, 1, 1],
  ],
  resnet18: [
    [256, 1, 64, 7, 2, 3],
    [64, 64, 64, 3, 1, 1],
    [64, 64, 128, 3, 2, 1],
    [32, 128, 256, 3, 2, 1],
    [16, 256, 512, 3, 2, 1],
    [16, 256, 512, 1, 2, 0],
    [8, 512, 1024, 3, 1, 1],
    [32, 384, 384, 3, 1, 1],
    [64, 256, 256, 3, 1, 1],
    [128, 192, 96, 3, 1, 1],
    [128, 96, 384, 1, 1, 0],
    [256, 97, 97, 3, 1, 1],
    [256, 97, 2, 1, 1, 0],
  ],
};

/** A way to compute x [B, s, s, c] * w [k, k, c, d] -> dy and its gradients. */
interface Way {
  forward(x: Tensor, w: Tensor): Tensor;
  byInput(w: Tensor, dy: Tensor): Tensor;
  byFilter(x: Tensor, dy: Tensor): Tensor;
}

const rows = (x: Tensor): Tensor2D => tf.reshape(x, [-1, x.shape.at(-1) ?? 0]);
const sizes = (shape: readonly number[]) => tf.tensor1d([...shape], "int32");

function waysOf(geometry: ConvolutionGeometry): Partial<Record<ConvolutionForm, Way>> {
  const { stride, padding, inputShape, filterShape } = geometry;
  const [, height = 0, width = 0, channels = 0] = inputShape;
  const [top] = padding;
  const operations = (name: "Same" | "Explicit", padding: Sides, inputShape: readonly number[]) => {
    const options = { stride, padding };
    return {
      forward: (x: Tensor, filter: Tensor) => runSingle(`Conv2D.${name}`, { x, filter }, options),
      byInput: (filter: Tensor, dy: Tensor) =>
        runSingle(
          `Conv2DBackpropInput.${name}`,
          { sizes: sizes(inputShape), filter, dy },
          options,
        ),
      byFilter: (x: Tensor, dy: Tensor) =>
        runSingle(`Conv2DBackpropFilter.${name}`, { x, sizes: sizes(filterShape), dy }, options),
    };
  };
  const around = [batch, height + 2 * top, width + 2 * top, channels];
  const pad = (x: Tensor) => tf.pad(x as Tensor4D, [[0, 0], [top, top], [top, top], [0, 0]]);
  const valid = operations("Explicit", [0, 0, 0, 0], around);
  const isHalving = stride === 2 && filterShape[0] === 4;
  const keepsSides = stride === 1 && (filterShape[0] ?? 0) === 2 * top + 1;
  return {
    ...(isHalving && {
      product: {
        forward: (x, w) => tf.matMul(patchesOf(x) as Tensor2D, rows(w)),
        byInput: (w, dy) => addPatches(tf.matMul(rows(dy), rows(w), false, true), inputShape),
        byFilter: (x, dy) => tf.matMul(patchesOf(x) as Tensor2D, rows(dy), true, false),
      },
    }),
    ...((isHalving || keepsSides) && { same: operations("Same", padding, inputShape) }),
    explicit: operations("Explicit", padding, inputShape),
    padded: {
      forward: (x, w) => valid.forward(pad(x), w),
      byInput: (w, dy) => tf.slice(valid.byInput(w, dy), [0, top, top, 0], [...inputShape]),
      byFilter: (x, dy) => valid.byFilter(pad(x), dy),
    },
  };
}

if (given.network === "convnext") await timeDepthwise();

const forms: readonly ConvolutionForm[] = ["product", "same", "explicit", "padded"];
if (networks[given.network] !== undefined) {
  console.log(`${"forward, by input, by filter".padEnd(28)} ${forms.join("  ")}`);
}
for (const [side, input, output, kernel, stride, padding] of networks[given.network] ?? []) {
  const small = Math.floor((side + 2 * padding - kernel) / stride) + 1;
  const x = tf.randomUniform([batch, side, side, input]);
  const w = tf.randomUniform([kernel, kernel, input, output]);
  const dy = tf.randomUniform([batch, small, small, output]);
  const geometry: ConvolutionGeometry = {
    stride,
    padding: [padding, padding, padding, padding],
    inputShape: x.shape,
    filterShape: w.shape,
  };
  const ways = waysOf(geometry);
  const columns: string[] = [];
  for (const form of forms) {
    const way = ways[form];
    const times: string[] = [];
    const time = async (operation: ConvolutionOperation, ms: Promise<number> | undefined) => {
      const chosen = convolutionForm(operation, geometry, place) === form ? "*" : "";
      times.push(ms === undefined ? "-" : `${(await ms).toFixed(1)}${chosen}`);
    };
    await time("forward", way && best((x, w) => way.forward(x, w), x, w));
    await time("byInput", way && best((w, dy) => way.byInput(w, dy), w, dy));
    await time("byFilter", way && best((x, dy) => way.byFilter(x, dy), x, dy));
    columns.push(times.map((text) => text.padStart(7)).join(""));
  }
  tf.dispose([x, w, dy]);
  const what = `${side} px ${input} -> ${output}, ${kernel}x${kernel}/${stride}`;
  console.log(`${what.padEnd(28)} ${columns.join("  |")}`);
}

async function best(
  body: (a: Tensor, b: Tensor) => Tensor,
  ...inputs: [Tensor, Tensor]
): Promise<number> {
  using compiled = new CompiledFunction(engine, (a, b) => [body(a!, b!)], {
    name: "bench",
    // Grappler's rewriting leaves graphs of a few nodes alone.
    castConvolutions: precision === "bfloat16",
  });
  const start = performance.now();
  tf.dispose(await compiled.call(...inputs));
  // A way that is out of the question is not measured to the end.
  const repeat = performance.now() - start > 1000 ? 1 : Number(given.repeat);
  let fastest = Infinity;
  for (let i = 0; i < repeat; i++) {
    const start = performance.now();
    tf.dispose(await compiled.call(...inputs));
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

/** Depthwise convolutions of 7x7 at the sides and widths of a ConvNeXt-T that sees 256 x 256. */
async function timeDepthwise(): Promise<void> {
  registerOperation("DepthwiseConv2dBackpropInput", ["sizes", "filter", "dy"], {
    name: "DepthwiseConv2dNativeBackpropInput",
    attributes: () => [
      floatType(),
      { name: "strides", int: [1, 1, 1, 1] },
      { name: "padding", string: "SAME" },
      { name: "explicit_paddings", int: [] },
      { name: "data_format", string: "NHWC" },
      { name: "dilations", int: [1, 1, 1, 1] },
    ],
  });
  console.log("forward, by input, by filter: as it is | TensorFlow's own | 49 shifted products");
  for (const [side, channels] of [[64, 96], [32, 192], [16, 384], [8, 768]] as const) {
    const shape: [number, number, number, number] = [batch, side, side, channels];
    const x = tf.randomUniform(shape);
    const w = tf.randomUniform([7, 7, 1, channels]);
    const dy = tf.randomUniform(shape);
    const third = (w: Tensor) => tf.reshape(w, [7, 7, channels, 1]);
    const shifts = Array.from({ length: 49 }, (_, at) => [Math.floor(at / 7), at % 7] as const);
    const around = (x: Tensor) => tf.pad(x as Tensor4D, [[0, 0], [3, 3], [3, 3], [0, 0]]);
    const shifted = (x: Tensor, w: Tensor) => {
      const padded = around(x);
      return tf.addN(shifts.map(([i, j]) =>
        tf.mul(
          tf.slice(padded, [0, i, j, 0], shape),
          tf.reshape(tf.slice(w, [i, j, 0, 0], [1, 1, 1, channels]), [channels]),
        )
      ));
    };
    const chosen = [
      await best((x, w) => depthwiseConvolution(x, w), x, w),
      await best((w, dy) => runSingle("DepthwiseInputGradient", { dy, filter: w }), w, dy),
      await best((x, dy) => runSingle("DepthwiseFilterGradient", { x, dy }, { side: 7 }), x, dy),
    ];
    const own = [
      chosen[0]!,
      await best(
        (w, dy) => {
          const inputs = { sizes: sizes(shape), filter: third(w), dy };
          return runSingle("DepthwiseConv2dBackpropInput", inputs);
        },
        w,
        dy,
      ),
      await best(
        (x, dy) => {
          const inputs = { x, sizes: sizes([7, 7, channels, 1]), dy };
          return runSingle("DepthwiseConv2dBackpropFilter", inputs);
        },
        x,
        dy,
      ),
    ];
    const products = [
      await best(shifted, x, w),
      await best((w, dy) => shifted(dy, tf.reverse(w as Tensor4D, [0, 1])), w, dy),
      await best(
        (x, dy) => {
          const padded = around(x);
          return tf.stack(
            shifts.map(([i, j]) =>
              tf.sum(tf.mul(tf.slice(padded, [0, i, j, 0], shape), dy), [0, 1, 2])
            ),
          );
        },
        x,
        dy,
      ),
    ];
    tf.dispose([x, w, dy]);
    const columns = [chosen, own, products]
      .map((times) => times.map((ms) => ms.toFixed(1).padStart(7)).join(""));
    console.log(`${`${side} px, ${channels} channels`.padEnd(28)} ${columns.join("  |")}`);
  }
}
