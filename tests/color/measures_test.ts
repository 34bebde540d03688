import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { ciede2000 } from "../../src/color/ciede2000.ts";
import { colorfulness } from "../../src/color/colorfulness.ts";
import { differenceColors } from "../../src/color/difference_colors.ts";
import { labOfBytes } from "../../src/color/lab.ts";
import { ssim } from "../../src/color/ssim.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { lookUpBytes } from "../../src/engine/kernels/bytes.ts";
import { assertClose, call, engineTest } from "../engine/test_engine.ts";
import { labOf } from "../training/pictures.ts";
import { type MeasuredPair, readMeasured } from "./measured_pictures.ts";

const { sharma, pictures, height, width } = readMeasured();

engineTest("ciede2000 gives the published differences, both ways", async (engine) => {
  using compiled = new CompiledFunction(engine, (one, two) => [ciede2000(one!, two!)], {
    name: "differences",
  });
  const expected = sharma.map((row) => row[6]!);
  const [one, two] = [0, 3].map((from) =>
    tf.tensor(sharma.map((row) => row.slice(from, from + 3))) as Tensor
  );
  // They are published to 4 digits: half of the last one, and 1e-5 for float32.
  for (const pair of [[one!, two!], [two!, one!]] as const) {
    const [differences] = await call(compiled, ...pair);
    assertClose(differences!, expected, { absolute: 6e-5 });
  }
  tf.dispose([one, two]);
});

engineTest("hues that are exactly opposite are averaged as the formula says", (engine) => {
  void engine;
  // Rows 13 and 14 of the table lie on both sides of a pair that is opposite to the last bit.
  const differences = tf.tidy(() => {
    const one = tf.tensor([[50, 3, 0], [50, -3, 0], [50, 0, 3], [50, 0, -3]]);
    return [...ciede2000(one, tf.mul(one, [1, -1, -1])).dataSync()];
  });
  // scikit-image 0.26: deltaE_ciede2000([50, 3, 0], [50, -3, 0]) and ([50, 0, 3], [50, 0, -3]).
  assertClose(differences, [8.63814, 8.63814, 5.747027, 5.747027], { absolute: 1e-4 });
});

engineTest("pictures measure as scikit-image and the definition say", async (engine) => {
  using compiled = new CompiledFunction(
    engine,
    (real, other) => {
      const [one, two] = [real!, other!].map(floats) as [Tensor, Tensor];
      return [
        ssim(one, two),
        tf.mean(ciede2000(labOfBytes(real!), labOfBytes(other!)), [1, 2]),
        colorfulness(one),
        colorfulness(two),
      ];
    },
    { name: "measures" },
  );
  const real = batchOf(engine, pictures, "real");
  const other = batchOf(engine, pictures, "other");
  const [similarity, deltaE, ofReal, ofOther] = await call(compiled, real, other);
  tf.dispose([real, other]);
  // float32 holds a variance of bytes near 250 to 0.01, beside the formula's constant of 58.5.
  assertClose(similarity!, pictures.map((pair) => pair.ssim), { absolute: 1e-4 });
  // 2e-3: the digits of the matrix in sRGB's definition; float32.
  assertClose(deltaE!, pictures.map((pair) => pair.deltaE), { absolute: 2e-3 });
  const colorful = [0, 1].map((i) => pictures.map((pair) => pair.colorfulness[i]!));
  assertClose(ofReal!, colorful[0]!, { relative: 1e-5 });
  assertClose(ofOther!, colorful[1]!, { relative: 1e-5 });
  // A picture is like itself.
  assert.equal(similarity!.at(-1), 1);
  assert.equal(deltaE!.at(-1), 0);
});

engineTest("larger differences get lighter colours, in even steps", (engine) => {
  void engine;
  const steps = Array.from({ length: 61 }, (_, i) => i / 2);
  const rgb = tf.tidy(() =>
    Uint8Array.from(differenceColors(tf.tensor([[[...steps, 31, 200]]])).round().dataSync())
  );
  const L = labOf(rgb).map(([lightness]) => lightness);
  // Half a level of a byte is at most half a unit of L.
  assertClose(L.slice(0, 61), steps.map((step) => 5 + 3 * step), { absolute: 0.5 });
  assert.deepEqual([...rgb.subarray(61 * 3)], [
    ...rgb.subarray(60 * 3, 61 * 3),
    ...rgb.subarray(60 * 3, 61 * 3),
  ]);
});

function batchOf(
  engine: Engine,
  pairs: readonly MeasuredPair[],
  which: "real" | "other",
): Tensor {
  const bytes = Uint8Array.from(pairs.flatMap((pair) => [...pair[which]]));
  return engine.uint8Tensor(bytes, [pairs.length, height, width, 3]);
}

function floats(bytes: Tensor): Tensor {
  return lookUpBytes(tf.range(0, 256), bytes);
}
