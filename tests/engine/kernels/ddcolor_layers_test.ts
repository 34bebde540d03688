import assert from "assert";
import { readFileSync } from "node:fs";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { blur } from "../../../src/engine/kernels/blur.ts";
import { depthwiseConvolution } from "../../../src/engine/kernels/depthwise.ts";
import { gelu } from "../../../src/engine/kernels/gelu.ts";
import { layerNorm } from "../../../src/engine/kernels/layer_norm.ts";
import { depthToSpace, shuffleOrder } from "../../../src/engine/kernels/pixel_shuffle.ts";
import { attention } from "../../../src/model/color_queries.ts";
import { assertClose, call, engineTest } from "../test_engine.ts";

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

/** A layer as PyTorch computes it in float64; see bench/pytorch/make_layers.py. */
interface Expected {
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly y: Numbers;
  readonly dy: Numbers;
  readonly gradients: Readonly<Record<string, Numbers>>;
}

const path = new URL("../../testdata/layers.json", import.meta.url);
const expected: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(path, "utf8"));

/** A layer of the inputs that its numbers name. */
type Layer = (inputs: Readonly<Record<string, Tensor>>) => Tensor;

const layers: Readonly<Record<string, Layer>> = {
  depthwise: ({ x, filter }) => depthwiseConvolution(x!, filter!),
  layer_norm: ({ x, scale, offset }) => layerNorm(x!, scale!, offset!, { epsilon: 1e-6 }),
  gelu: ({ input }) => gelu(input!),
  blur: ({ x }) => blur(x!),
  pixel_shuffle: ({ x }) => depthToSpace(shuffleOrder(x!, 4), 4),
  attention: ({ queries, keys, values, ...weights }) =>
    attention({ queries: queries!, keys: keys!, values: values! }, {
      parameter: (name) => weights[name.replace("a.", "").replace("proj.", "proj_")]!,
    }, { name: "a", heads: 4 }),
};

for (const [name, layer] of Object.entries(layers)) {
  engineTest(`${name} and its gradients are PyTorch's`, async (engine) => {
    const { inputs, y, dy, gradients } = expected[name]!;
    const names = Object.keys(inputs);
    const tensors = names.map((each) => tf.tensor(inputs[each]!.values, inputs[each]!.shape));
    const named = (given: readonly Tensor[]) =>
      Object.fromEntries(names.map((each, index) => [each, given[index]!]));
    using compiled = new CompiledFunction(engine, (...given) => {
      const weights = tf.tensor(dy.values, dy.shape);
      const loss = (...at: Tensor[]) => tf.sum(tf.mul(layer(named(at)), weights));
      return [layer(named(given)), ...tf.grads(loss)([...given])];
    }, { name });
    const [value, ...slopes] = await call(compiled, ...tensors);
    tf.dispose(tensors);
    // float32 against float64: sums of up to 108 products of about 1.
    const near = { absolute: 2e-5, relative: 1e-5 };
    assertClose(value!, y.values, near);
    assert.equal(slopes.length, names.length);
    names.forEach((each, index) => assertClose(slopes[index]!, gradients[each]!.values, near));
  });
}
