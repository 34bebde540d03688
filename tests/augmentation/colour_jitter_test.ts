import tf from "@tensorflow/tfjs";
import assert from "assert";
import { type ColourJitterOptions, jitterColours } from "../../src/augmentation/colour_jitter.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { drawnValues } from "./drawn.ts";

type Lab = [L: number, a: number, b: number];
const at: [number, number] = [11, 4];
const batch = 3;

/** Jitters one row of pixels in each photo of the batch; L, a, b come back in their own units. */
function jittered(pixels: readonly Lab[], options: ColourJitterOptions): Lab[][] {
  const ab = drawnValues(batch, at, (draws) => {
    const all = Array.from({ length: batch }, () => pixels).flat();
    const L = tf.tensor4d(all.map(([L]) => L / 50 - 1), [batch, 1, pixels.length, 1]);
    const scaled = all.flatMap(([, a, b]) => [a / 110, b / 110]);
    return jitterColours(
      { L, ab: tf.tensor4d(scaled, [batch, 1, pixels.length, 2]) },
      draws,
      options,
    );
  });
  return Array.from({ length: batch }, (_, photo) =>
    pixels.map(([L], i): Lab => {
      const [a = NaN, b = NaN] = ab.slice(2 * (photo * pixels.length + i));
      return [L, a * 110, b * 110];
    }));
}

/** L*a*b* with X and Z multiplied, in float64 (CIE 1976). */
function underOtherWhite([L, a, b]: Lab, kx: number, kz: number): Lab {
  const inverse = (f: number) => f > 6 / 29 ? f ** 3 : 3 * (6 / 29) ** 2 * (f - 4 / 29);
  const curve = (t: number) => t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
  const fy = (L + 16) / 116;
  const fx = curve(kx * inverse(fy + a / 500)), fz = curve(kz * inverse(fy - b / 200));
  return [L, 500 * (fx - fy), 200 * (fy - fz)];
}

const pixels: Lab[] = [[62, 18, -31], [35, -22, 14], [88, 3, 40], [100, 0, 0], [20, 5, 5]];

Deno.test("the reference for white balance agrees with scikit-image", () => {
  // skimage.color.xyz2lab(lab2xyz(lab) * [kx, 1, kz]) of the first three pixels
  const [kx, kz] = [(1 + 9 / 500) ** 3, (1 + 7 / 200) ** 3];
  const expected = [[62, 24.37572, -36.7919], [35, -18.4391, 11.41241], [88, 11.12297, 35.12414]];
  assertClose(
    pixels.slice(0, 3).flatMap((pixel) => underOtherWhite(pixel, kx, kz)),
    expected.flat(),
    { absolute: 1e-4 },
  );
});

engineTest("saturationJitter scales each photo's ab by its own factor", () => {
  const factors = drawnValues(batch, at, (draws) => draws.uniform("saturation", [0.6, 1.4]));
  assert.equal(new Set(factors).size, batch);
  const expected = factors.map((k) => pixels.map(([L, a, b]) => [L, k * a, k * b]));
  const actual = jittered(pixels, { saturationJitter: 0.4, whiteBalanceJitter: 0 });
  assertClose(actual.flat(2), expected.flat(2), { absolute: 1e-4 });
});

engineTest("whiteBalanceJitter multiplies X and Z as a camera's white balance does", () => {
  const shift = (name: "whiteA" | "whiteB") =>
    drawnValues(batch, at, (draws) => draws.uniform(name, [-10, 10]));
  const [a, b] = [shift("whiteA"), shift("whiteB")];
  const expected = Array.from(
    { length: batch },
    (_, i) =>
      pixels.map((pixel) => underOtherWhite(pixel, (1 + a[i]! / 500) ** 3, (1 - b[i]! / 200) ** 3)),
  );
  const actual = jittered(pixels, { saturationJitter: 0, whiteBalanceJitter: 10 });
  assertClose(actual.flat(2), expected.flat(2), { absolute: 1e-3 });
  // White itself is shifted by what was drawn.
  assertClose(actual.flatMap((photo) => photo[3]!.slice(1)), a.flatMap((x, i) => [x, b[i]!]), {
    absolute: 1e-3,
  });
});

engineTest("saturation comes first, then the white", () => {
  const factors = drawnValues(batch, at, (draws) => draws.uniform("saturation", [0.6, 1.4]));
  const [a, b] = (["whiteA", "whiteB"] as const).map((name) =>
    drawnValues(batch, at, (draws) => draws.uniform(name, [-10, 10]))
  ) as [number[], number[]];
  const expected = factors.map((k, i) =>
    pixels.map(([L, x, y]) =>
      underOtherWhite([L, k * x, k * y], (1 + a[i]! / 500) ** 3, (1 - b[i]! / 200) ** 3)
    )
  );
  const actual = jittered(pixels, { saturationJitter: 0.4, whiteBalanceJitter: 10 });
  assertClose(actual.flat(2), expected.flat(2), { absolute: 1e-3 });
});

engineTest("colours stay within what the generator can say", () => {
  const strong: Lab[] = [[60, 108, -108], [60, -108, 108]];
  const values = jittered(strong, { saturationJitter: 1, whiteBalanceJitter: 30 });
  for (const [, a, b] of values.flat()) {
    assert.ok(Math.abs(a) <= 110.001 && Math.abs(b) <= 110.001, `${a}, ${b}`);
  }
  assert.ok(values.flat(2).some((value) => Math.abs(value) > 109.99), "nothing was cut off");
});
