import assert from "assert";
import { readFile } from "node:fs/promises";
import tf from "@tensorflow/tfjs";
import { labOfBytes, rgbOfLab, scaleLab, unscaleLab } from "../../src/color/lab.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { floatToBytes } from "../../src/engine/kernels/bytes.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";
import { bytesTensor, colorGrid } from "./test_colors.ts";

/** sRGB bytes and their L*a*b* by scikit-image in float64. */
async function references(): Promise<{ rgb: number[][]; lab: number[][] }> {
  return JSON.parse(await readFile(new URL("../testdata/lab.json", import.meta.url), "utf8"));
}

engineTest("labOfBytes() agrees with scikit-image", async (engine) => {
  const { rgb, lab } = await references();
  const actual = valuesOf(() => labOfBytes(bytesTensor(engine, rgb)));
  // 0.01: the tolerance of the references, which have other digits in their matrix.
  assertClose(actual, lab.flat(), { absolute: 0.01 });
});

engineTest("colours are computed in float32 in a function of any precision", async (engine) => {
  const { rgb, lab } = await references();
  const pixels = bytesTensor(engine, rgb);
  const values: Float32Array[] = [];
  for (const precision of ["float32", "tf32", "bfloat16"] as const) {
    using compiled = new CompiledFunction(engine, (pixels) => {
      const lab = labOfBytes(pixels!);
      return [lab, rgbOfLab(lab)];
    }, { name: "colors", precision });
    const [colors, back] = await compiled.call(pixels);
    assertClose(await engine.read(colors!), lab.flat(), { absolute: 0.01 });
    assertClose(await engine.read(back!), rgb.flat(), { absolute: 0.05 });
    values.push(await engine.read(colors!));
    tf.dispose([colors!, back!]);
  }
  pixels.dispose();
  assert.deepEqual(values[1], values[0]); // no GPU here
});

engineTest("rgbOfLab() gives the bytes of scikit-image's L*a*b* back", async () => {
  const { rgb, lab } = await references();
  const actual = valuesOf(() => rgbOfLab(tf.tensor(lab.flat(), [1, 1, lab.length, 3])));
  assertClose(actual.map(Math.round), rgb.flat(), { absolute: 1 });
});

engineTest("bytes survive the way to L*a*b*, to the networks' scale and back", (engine) => {
  const colors = colorGrid();
  const actual = valuesOf(() => {
    const lab = unscaleLab(scaleLab(labOfBytes(bytesTensor(engine, colors))));
    return floatToBytes(rgbOfLab(lab));
  });
  assert.deepEqual(actual, colors.flat());
});

engineTest("scaleLab() brings every colour of sRGB into [-1, 1], L to both ends", (engine) => {
  const colors = colorGrid();
  const { L, ab } = tf.tidy(() => {
    const scaled = scaleLab(labOfBytes(bytesTensor(engine, colors)));
    return { L: [...scaled.L.dataSync()], ab: [...scaled.ab.dataSync()] };
  });
  const extremes = (values: number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    return [sorted[0]!, sorted.at(-1)!];
  };
  assertClose(extremes(L), [-1, 1], { absolute: 1e-6 });
  // Blue has the least b, -107.86, and magenta the most a, 98.25.
  assertClose(extremes(ab), [-107.86 / 110, 98.25 / 110], { absolute: 1e-3 });
});

engineTest("rgbOfLab() clips what sRGB does not hold", () => {
  const pixels = tf.tensor([50, 200, 0, 50, 0, -200], [1, 1, 2, 3]);
  const actual = valuesOf(() => rgbOfLab(pixels)).map(Math.round);
  pixels.dispose();
  assert.deepEqual(actual.slice(0, 2), [255, 0]);
  assert.deepEqual(actual.slice(3), [0, 160, 255]);
});
