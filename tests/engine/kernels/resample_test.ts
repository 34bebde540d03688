import assert from "assert";
import tf from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { resample } from "../../../src/engine/kernels/resample.ts";
import { assertClose, engineTest, valuesOf } from "../test_engine.ts";

const [height, width] = [4, 5];

/** [4, 5] whole numbers from 0 to 10. */
const picture = Array.from(
  { length: height * width },
  (_, i) => (7 * Math.floor(i / width) + 3 * (i % width) ** 2) % 11,
);

function resampled(map: readonly number[]): number[] {
  return valuesOf(() =>
    resample(tf.tensor(picture, [1, height, width, 1]), tf.tensor2d([[...map]]))
  );
}

engineTest("resample() moves whole pixels without touching them", () => {
  assert.deepEqual(resampled([1, 0, 0, 0, 1, 0]), picture);
  const mirrored = picture.map((_, i) => picture[i - 2 * (i % width) + width - 1]);
  assert.deepEqual(resampled([-1, 0, width - 1, 0, 1, 0]), mirrored);
  const below = picture.map((_, i) => picture[Math.min(i + width, i % width + 3 * width)]);
  assert.deepEqual(resampled([1, 0, 0, 0, 1, 1]), below);
});

engineTest(
  "resample() agrees with PyTorch's grid_sample, bilinear with padding_mode border",
  () => {
    // torch.nn.functional.grid_sample of the same picture and map in float64, align_corners=True.
    const expected = [
      [8.4, 8.0, 4.5, 3.66, 4.6],
      [5.55, 6.1, 5.75, 1.995, 1.15],
      [2.2, 2.0, 4.8, 7.8, 5.0],
      [1.3, 0.2, 3.0, 3.95, 4.6],
    ];
    assertClose(resampled([0.7, 0.25, 0.6, -0.3, 0.9, 1.1]), expected.flat(), { absolute: 1e-5 });
  },
);

engineTest("resample() reads each picture by its own map, all channels alike", async (engine) => {
  const size = 9;
  const maps = [
    [0.5, 0.2, 1.3, -0.1, 0.7, 2.6],
    [-1.2, 0.4, 9.1, 0.3, 1.1, -2.4], // leaves the picture on every side
    [0, -1, 8, 1, 0, 0], // a quarter turn
  ];
  const values = Float32Array.from({ length: 3 * size * size * 2 }, (_, i) => (i * 7919) % 101);
  const at = (b: number, y: number, x: number, c: number) =>
    values[((b * size + y) * size + x) * 2 + c]!;
  const expected: number[] = [];
  for (const [b, m] of maps.entries()) {
    for (let i = 0; i < size * size * 2; i++) {
      const [c, x, y] = [i % 2, Math.floor(i / 2) % size, Math.floor(i / 2 / size)];
      const clip = (value: number) => Math.min(Math.max(value, 0), size - 1);
      const [u, v] = [clip(m[0]! * x + m[1]! * y + m[2]!), clip(m[3]! * x + m[4]! * y + m[5]!)];
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [right, bottom] = [Math.min(left + 1, size - 1), Math.min(top + 1, size - 1)];
      const row = (y: number) =>
        at(b, y, left, c) * (1 - u + left) + at(b, y, right, c) * (u - left);
      expected.push(row(top) * (1 - v + top) + row(bottom) * (v - top));
    }
  }
  // Coordinates are rounded to 2^-21 of a pixel, and neighbours differ by up to 100.
  const tolerance = { absolute: 2e-4 };
  using compiled = new CompiledFunction(engine, (x, m) => [resample(x!, m!)], { name: "resample" });
  const inputs = [tf.tensor(values, [3, size, size, 2]), tf.tensor2d(maps)];
  const [result] = await compiled.call(...inputs);
  assertClose(await engine.read(result!), expected, tolerance);
  assertClose(valuesOf(() => resample(inputs[0]!, inputs[1]!)), expected, tolerance);
  tf.dispose([...inputs, result!]);
});
