import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Scalar, Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { convolution, convolutionTranspose } from "../../../src/engine/kernels/convolution.ts";
import type { Sides } from "../../../src/engine/kernels/convolution_forms.ts";
import { engineTest } from "../test_engine.ts";
import { convolve, filterGradient, type Grid, inputGradient, noise } from "./naive_convolution.ts";

interface Case {
  readonly x: Grid["shape"];
  readonly filter: Grid["shape"];
  readonly stride: number;
  readonly padding: number | Sides;
}

/** Every way in which a convolution is computed, and sizes that are odd in every respect. */
const cases: Record<string, Case> = {
  "1x1": { x: [2, 5, 7, 3], filter: [1, 1, 3, 4], stride: 1, padding: 0 },
  // Of these sizes oneDNN's own gradient by the filter destroys the heap.
  "1x1 with stride 2": { x: [3, 16, 16, 2], filter: [1, 1, 2, 4], stride: 2, padding: 0 },
  "1x1 with stride 3 of odd sides": {
    x: [2, 7, 8, 3],
    filter: [1, 1, 3, 2],
    stride: 3,
    padding: 0,
  },
  "3x3 padded by 1": { x: [2, 5, 6, 3], filter: [3, 3, 3, 2], stride: 1, padding: 1 },
  "4x4 padded by 1, as the PatchGAN ends": {
    x: [1, 7, 6, 5],
    filter: [4, 4, 5, 1],
    stride: 1,
    padding: 1,
  },
  "4x4 not padded": { x: [1, 9, 8, 4], filter: [4, 4, 4, 3], stride: 1, padding: 0 },
  "3x2 with stride 3": { x: [1, 10, 11, 2], filter: [3, 2, 2, 3], stride: 3, padding: 0 },
  "5x5 with stride 2, padded by 2": {
    x: [2, 9, 7, 2],
    filter: [5, 5, 2, 3],
    stride: 2,
    padding: 2,
  },
  "sides padded differently": {
    x: [1, 6, 7, 4],
    filter: [3, 3, 4, 2],
    stride: 1,
    padding: [0, 2, 1, 0],
  },
  "a halving of odd sides": { x: [1, 7, 9, 3], filter: [4, 4, 3, 2], stride: 2, padding: 1 },
  "a halving to one pixel": { x: [2, 2, 2, 6], filter: [4, 4, 6, 5], stride: 2, padding: 1 },
  "a halving of few rows": { x: [3, 6, 8, 5], filter: [4, 4, 5, 7], stride: 2, padding: 1 },
  "a halving of many rows": { x: [2, 24, 26, 5], filter: [4, 4, 5, 3], stride: 2, padding: 1 },
  "a halving of many rows of one channel": {
    x: [1, 34, 36, 1],
    filter: [4, 4, 1, 3],
    stride: 2,
    padding: 1,
  },
  "a halving of many rows and channels": {
    x: [1, 34, 36, 130],
    filter: [4, 4, 130, 2],
    stride: 2,
    padding: 1,
  },
};

const seeds = { x: 1, filter: 2, dy: 3 };

function tensorOf({ shape, values }: Grid): Tensor {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

function sidesOf(padding: number | Sides): Sides {
  return typeof padding === "number" ? [padding, padding, padding, padding] : padding;
}

/**
 * Asserts that a tensor holds the numbers of a grid. Each number is a sum of up to 2,000 products;
 * float32 rounds by 6e-8 at each, mostly up and down in turn: 5e-6 of the largest number.
 */
function assertGrid(actual: Tensor | undefined, expected: Grid, what: string): void {
  assert.deepEqual(actual?.shape, expected.shape, what);
  const largest = expected.values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const values = actual!.dataSync();
  for (let i = 0; i < values.length; i++) {
    const difference = Math.abs(values[i]! - expected.values[i]!);
    assert.ok(difference <= 5e-6 * largest, `${what}, number ${i}: ${difference} of ${largest}`);
  }
}

for (const [name, { x: xShape, filter: filterShape, stride, padding }] of Object.entries(cases)) {
  const movement = { stride, sides: sidesOf(padding) };
  const x = noise(xShape, seeds.x);
  const filter = noise(filterShape, seeds.filter);
  const y = convolve(x, filter, movement);
  const dy = noise(y.shape, seeds.dy);

  engineTest(`a convolution and its gradients are those of the definition: ${name}`, () => {
    tf.tidy(() => {
      const [xTensor, filterTensor, dyTensor] = [x, filter, dy].map(tensorOf);
      const forward = (x: Tensor, filter: Tensor) => convolution(x, filter, { stride, padding });
      assertGrid(forward(xTensor!, filterTensor!), y, "forward");
      const gradients = tf.grads((x, filter) => forward(x!, filter!));
      const [dx, dfilter] = gradients([xTensor!, filterTensor!], dyTensor);
      assertGrid(dx, inputGradient(x.shape, filter, dy, movement), "by x");
      assertGrid(dfilter, filterGradient(x, filter.shape, dy, movement), "by the filter");
    });
  });
}

const transposed: Record<string, Case> = {
  "doubling few rows": { x: [2, 3, 5, 6], filter: [4, 4, 4, 6], stride: 2, padding: 1 },
  "doubling one pixel": { x: [1, 1, 1, 4], filter: [4, 4, 3, 4], stride: 2, padding: 1 },
  "doubling many rows": { x: [1, 17, 18, 5], filter: [4, 4, 4, 5], stride: 2, padding: 1 },
  "doubling many rows to two channels": {
    x: [1, 17, 18, 5],
    filter: [4, 4, 2, 5],
    stride: 2,
    padding: 1,
  },
  "3x3, keeping the size": { x: [1, 6, 5, 3], filter: [3, 3, 2, 3], stride: 1, padding: 1 },
  "2x2 side by side": { x: [2, 4, 3, 2], filter: [2, 2, 5, 2], stride: 2, padding: 0 },
};

for (
  const [name, { x: xShape, filter: filterShape, stride, padding }] of Object.entries(transposed)
) {
  const movement = { stride, sides: sidesOf(padding) };
  const x = noise(xShape, seeds.x);
  const filter = noise(filterShape, seeds.filter);
  const [batch, height, width] = xShape;
  const outputShape = [batch, stride * height, stride * width, filterShape[2]] as const;
  const dy = noise(outputShape, seeds.dy);

  engineTest(`transposed convolution and its gradients by the definition: ${name}`, () => {
    tf.tidy(() => {
      const [xTensor, filterTensor, dyTensor] = [x, filter, dy].map(tensorOf);
      const forward = (x: Tensor, filter: Tensor) =>
        convolutionTranspose(x, filter, { stride, padding: padding as number });
      const y = inputGradient(outputShape, filter, x, movement);
      assertGrid(forward(xTensor!, filterTensor!), y, "forward");
      const gradients = tf.grads((x, filter) => forward(x!, filter!));
      const [dx, dfilter] = gradients([xTensor!, filterTensor!], dyTensor);
      assertGrid(dx, convolve(dy, filter, movement), "by x");
      assertGrid(dfilter, filterGradient(dy, filter.shape, x, movement), "by the filter");
    });
  });
}

/** Cases small enough to differentiate number by number. */
const small: Record<string, Case> = {
  // Of these sizes oneDNN's own gradient by the filter destroys the heap.
  "1x1 with stride 2": { x: [3, 16, 16, 2], filter: [1, 1, 2, 4], stride: 2, padding: 0 },
  "1x1 with stride 3 of odd sides": {
    x: [2, 7, 8, 3],
    filter: [1, 1, 3, 2],
    stride: 3,
    padding: 0,
  },
  "3x3 padded by 1": { x: [1, 4, 3, 2], filter: [3, 3, 2, 2], stride: 1, padding: 1 },
  "a halving of few rows": { x: [1, 4, 4, 2], filter: [4, 4, 2, 2], stride: 2, padding: 1 },
  "a halving of odd sides": { x: [1, 5, 3, 2], filter: [4, 4, 2, 1], stride: 2, padding: 1 },
  "a halving of many rows": { x: [1, 34, 32, 1], filter: [4, 4, 1, 1], stride: 2, padding: 1 },
};

/** Half the sum of squares: its gradient is the tensor itself. */
function half(x: Tensor): Scalar {
  return tf.mul(tf.sum(tf.square(x)), 0.5);
}

function halfSquares({ values }: Grid): number {
  return values.reduce((sum, value) => sum + value * value, 0) / 2;
}

/** The gradient of `f` by every number of `at`, by central differences. */
function differentiate(f: (at: Grid) => number, at: Grid): Grid {
  const step = 1e-4;
  const moved = (i: number, by: number) => {
    const values = at.values.slice();
    values[i]! += by;
    return f({ ...at, values });
  };
  return {
    ...at,
    values: at.values.map((_, i) => (moved(i, step) - moved(i, -step)) / (2 * step)),
  };
}

for (const [name, { x: xShape, filter: filterShape, stride, padding }] of Object.entries(small)) {
  const movement = { stride, sides: sidesOf(padding) };
  const x = noise(xShape, seeds.x);
  const filter = noise(filterShape, seeds.filter);
  /** Penalties on the size of the two gradients of half the sum of squares of the convolution. */
  const penalties = {
    "by x": (x: Grid, filter: Grid) =>
      halfSquares(inputGradient(xShape, filter, convolve(x, filter, movement), movement)),
    "by the filter": (x: Grid, filter: Grid) =>
      halfSquares(filterGradient(x, filterShape, convolve(x, filter, movement), movement)),
  };
  for (const [index, [which, penalty]] of Object.entries(penalties).entries()) {
    engineTest(`a penalty on a convolution's gradient ${which} has a gradient: ${name}`, () => {
      tf.tidy(() => {
        const loss = (x: Tensor, filter: Tensor) =>
          half(convolution(x, filter, { stride, padding }));
        const penaltyOf = (x: Tensor, filter: Tensor) =>
          half(tf.grads((x, filter) => loss(x!, filter!))([x, filter])[index]!);
        const [dx, dfilter] = tf.grads((x, filter) => penaltyOf(x!, filter!))(
          [tensorOf(x), tensorOf(filter)],
        );
        assertGrid(dx, differentiate((at) => penalty(at, filter), x), "by x");
        assertGrid(dfilter, differentiate((at) => penalty(x, at), filter), "by the filter");
      });
    });
  }
}

engineTest("a compiled convolution and its gradients are those of an eager one", async (engine) => {
  const chosen = ["a halving of few rows", "a halving of many rows", "sides padded differently"];
  for (const { x: xShape, filter: filterShape, stride, padding } of chosen.map((n) => cases[n]!)) {
    const body = (x: Tensor, filter: Tensor) => {
      const forward = (x: Tensor, filter: Tensor) => convolution(x, filter, { stride, padding });
      return [
        forward(x, filter),
        ...tf.grads((x, filter) => half(forward(x!, filter!)))([x, filter]),
      ];
    };
    using compiled = new CompiledFunction(engine, (x, filter) => body(x!, filter!), {
      name: "convolution",
    });
    const inputs = [noise(xShape, seeds.x), noise(filterShape, seeds.filter)].map(tensorOf);
    const results = await compiled.call(...inputs);
    const expected = tf.tidy(() => body(inputs[0]!, inputs[1]!));
    results.forEach((result, i) => {
      const values = Float64Array.from(expected[i]!.dataSync());
      const shape = expected[i]!.shape as unknown as Grid["shape"];
      assertGrid(result, { shape, values }, `result ${i}`);
    });
    tf.dispose([inputs, results, expected]);
  }
});

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

engineTest(
  "a convolution compiled for bfloat16 and its gradients are those of float32, rounded",
  async (engine) => {
    const chosen = [
      "4x4 padded by 1, as the PatchGAN ends",
      "3x3 padded by 1",
      "5x5 with stride 2, padded by 2",
      "a halving of few rows",
      "a halving of many rows",
      "a halving of many rows of one channel",
      "a halving of many rows and channels",
    ];
    for (const name of chosen) {
      const { x: xShape, filter: filterShape, stride, padding } = cases[name]!;
      const run = async (precision: "float32" | "bfloat16") => {
        using compiled = new CompiledFunction(engine, (x, filter) => {
          const forward = (x: Tensor, filter: Tensor) =>
            convolution(x, filter, { stride, padding });
          const gradients = tf.grads((x, filter) => half(forward(x!, filter!)));
          return [forward(x!, filter!), ...gradients([x!, filter!])];
        }, { name: "rounded", precision });
        const inputs = [noise(xShape, seeds.x), noise(filterShape, seeds.filter)].map(tensorOf);
        const results = await compiled.call(...inputs);
        const values = results.map((result) => [...result.dataSync()]);
        tf.dispose([inputs, results]);
        return values;
      };
      const [exact, rounded] = [await run("float32"), await run("bfloat16")];
      for (const [index, expected] of exact.entries()) {
        const length = norm(expected);
        const difference = norm(expected.map((e, i) => e - rounded[index]![i]!));
        // Eight bits of mantissa: rounding x, the filter, y, and the gradient by either is off by
        // 2^-9 of a number at most each.
        assert.ok(difference <= 5 * 2 ** -9 * length, `${name}, result ${index}: ${difference}`);
      }
    }
  },
);

engineTest("a convolution of channels that do not fit is refused", () => {
  const [x, filter] = [tf.ones([1, 8, 8, 3]), tf.ones([4, 4, 2, 5])];
  const refuse = (stride: number, message: RegExp) =>
    assert.throws(() => convolution(x, filter, { stride, padding: 1 }), { message });
  refuse(1, /Conv2D \(code 3\): .*3 vs 2/);
  refuse(2, /MatMul.* \(code 3\): /); // computed as a matrix product
  tf.dispose([x, filter]);
});
