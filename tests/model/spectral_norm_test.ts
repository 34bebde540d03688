import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { dividedBySigma } from "../../src/engine/kernels/spectral_weight.ts";
import { initialValue } from "../../src/model/initializers.ts";
import { Network } from "../../src/model/network.ts";
import { isTrainable, pytorchShape, spectralConvolutionSpec } from "../../src/model/parameters.ts";
import { fromPytorchLayout, toPytorchLayout } from "../../src/model/pytorch_layout.ts";
import { powerIteration, spectralEstimate } from "../../src/model/spectral_norm.ts";
import { assertSlopes } from "../engine/kernels/differences.ts";
import { assertClose, call, engineTest, valuesOf } from "../engine/test_engine.ts";

const specs = spectralConvolutionSpec("layer", [3, 5], { kernel: 2, bias: true });

function networkOf(engine: Engine): Network {
  const drawn = { init: "xavier", gain: 1 } as const;
  return new Network(
    engine,
    specs,
    (spec, index) => initialValue(spec, { ...drawn, seed: [3, index] }),
    { epsilon: 1e-5, momentum: 0.1 },
  );
}

const read = (network: Network, name: string) =>
  valuesOf(() => network.variable(`layer.${name}`).read());

/** Of W as [rows, columns]: the vector W^T u or W v, in float64. */
function product(matrix: number[][], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0));
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** [kh, kw, in, out], flat, as the matrix [out][kh kw in] and its transpose. */
function matricesOf(weight: readonly number[]): [matrix: number[][], transposed: number[][]] {
  const rows = Array.from({ length: 12 }, (_, i) => weight.slice(5 * i, 5 * i + 5));
  return [Array.from({ length: 5 }, (_, j) => rows.map((row) => row[j]!)), rows];
}

Deno.test("a convolution under spectral norm has PyTorch's tensors; its vectors are not trained", () => {
  assert.deepEqual(specs.map((spec) => [spec.name, pytorchShape(spec), isTrainable(spec)]), [
    ["layer.bias", [5], true],
    ["layer.weight_orig", [5, 3, 2, 2], true],
    ["layer.weight_u", [5], false],
    ["layer.weight_v", [12], false],
  ]);
});

engineTest("each training pass does one power iteration, and uses its estimate", (engine) => {
  using network = networkOf(engine);
  const weight = read(network, "weight_orig");
  const [matrix, transposed] = matricesOf(weight);
  let [u, v] = [read(network, "weight_u"), read(network, "weight_v")];
  assertClose([Math.hypot(...u), Math.hypot(...v)], [1, 1], { absolute: 1e-6 });
  const pass = () =>
    valuesOf(() =>
      network.training(new Map(), tf.tensor1d([0, 0], "int32")).spectralWeight("layer")
    );
  for (let count = 1; count <= 3; count++) {
    v = unit(product(transposed, u));
    u = unit(product(matrix, v));
    const sigma = product(matrix, v).reduce((sum, value, i) => sum + value * u[i]!, 0);
    // Numbers of about 1, a dozen roundings of float32 each.
    assertClose(pass(), weight.map((value) => value / sigma), { absolute: 2e-6 });
    assertClose(read(network, "weight_u"), u, { absolute: 1e-6 });
    assertClose(read(network, "weight_v"), v, { absolute: 1e-6 });
  }
  assert.deepEqual(read(network, "weight_orig"), weight);
});

engineTest("after many passes the weight's largest singular value is 1", (engine) => {
  using network = networkOf(engine);
  let normalized: number[] = [];
  for (let count = 0; count < 200; count++) {
    normalized = valuesOf(() =>
      network.training(new Map(), tf.tensor1d([0, 0], "int32")).spectralWeight("layer")
    );
  }
  const [matrix, transposed] = matricesOf(normalized);
  let v = unit(product(transposed, [1, 2, 3, 4, 5]));
  for (let count = 0; count < 500; count++) v = unit(product(transposed, product(matrix, v)));
  assertClose([Math.hypot(...product(matrix, v))], [1], { absolute: 1e-5 });
});

engineTest("evaluation and still passes leave the vectors alone", async (engine) => {
  using network = networkOf(engine);
  const before = [read(network, "weight_u"), read(network, "weight_v")];
  const [matrix] = matricesOf(read(network, "weight_orig"));
  const [u, v] = before as [number[], number[]];
  // Not yet near the largest: what evaluation divides by is u^T W v of the vectors that are there.
  const sigma = product(matrix, v).reduce((sum, value, i) => sum + value * u[i]!, 0);
  const expected = read(network, "weight_orig").map((value) => value / sigma);
  assertClose(valuesOf(() => network.evaluation().spectralWeight("layer")), expected, {
    absolute: 1e-5 * Math.max(...expected.map(Math.abs)),
  });
  using passes = new CompiledFunction(engine, (seed) => {
    const still = network.training(new Map(), seed!, { still: true });
    const moving = network.training(new Map(), seed!);
    return [still.spectralWeight("layer"), moving.spectralWeight("layer")];
  }, { name: "passes" });
  const seed = tf.tensor1d([0, 0], "int32");
  const [still, moving] = await call(passes, seed);
  seed.dispose();
  // The same draw twice, as accumulated batches need it: only the second pass moves.
  assert.deepEqual(still, moving);
  assert.notDeepEqual(read(network, "weight_u"), before[0]);
  using other = networkOf(engine);
  valuesOf(() =>
    other.training(new Map(), tf.tensor1d([0, 0], "int32"), { still: true }).spectralWeight("layer")
  );
  assert.deepEqual([read(other, "weight_u"), read(other, "weight_v")], before);
});

engineTest("its gradient takes the vectors for constants", () => {
  tf.tidy(() => {
    const weight = tf.randomNormal([2, 2, 3, 5], 0, 1, "float32", 7);
    const { u, v } = powerIteration(weight, tf.randomNormal([5], 0, 1, "float32", 8));
    const divided = (weight: Tensor) => dividedBySigma(weight, spectralEstimate(weight, u, v));
    const scale = tf.randomNormal([2, 2, 3, 5], 0, 1, "float32", 9);
    const f = (weight: Tensor) => tf.sum(tf.mul(tf.sin(divided(weight)), scale));
    // Values of about 10 and steps of 1e-2: 1e-4 from rounding, 1e-4 from the step.
    assertSlopes(f, [weight], { step: 1e-2, relative: 1e-3 });
  });
});

engineTest("vectors come back from PyTorch's layout as they went", () => {
  const [, , , spec] = specs;
  const here = tf.tidy(() => tf.range(0, 12).reshape([2, 2, 3, 1]));
  const there = tf.tidy(() => toPytorchLayout(here, spec));
  // [in, kh, kw]: the first channel of all four places first.
  assert.deepEqual([...there.dataSync()], [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
  const back = tf.tidy(() => fromPytorchLayout(there, spec));
  assert.deepEqual([back.shape, back.dataSync()], [here.shape, here.dataSync()]);
  tf.dispose([here, there, back]);
});

engineTest("products rounded to bfloat16 leave the estimate exact", async (engine) => {
  using exact = networkOf(engine);
  using rounded = networkOf(engine);
  const results: number[][] = [];
  const seed = tf.tensor1d([0, 0], "int32");
  for (const [network, precision] of [[exact, "float32"], [rounded, "bfloat16"]] as const) {
    using pass = new CompiledFunction(
      engine,
      (seed) => [network.training(new Map(), seed!).spectralWeight("layer")],
      { name: "pass", precision },
    );
    results.push([...(await call(pass, seed))[0]!]);
  }
  seed.dispose();
  assertClose(results[1]!, results[0]!, { absolute: 1e-6 });
});
