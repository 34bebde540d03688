import assert from "assert";
import tf from "@tensorflow/tfjs";
import { agePhotos, type OldPhotoOptions } from "../../src/augmentation/old_photo.ts";
import type { PhotoDraw } from "../../src/augmentation/photo_draws.ts";
import { assertClose, engineTest } from "../engine/test_engine.ts";
import { drawnValues, evenWithin, unevenness } from "./drawn.ts";

const size = 24, batch = 4;
const at: [number, number] = [6, 2];
const off: OldPhotoOptions = { blur: 0, grain: 0, cutout: 0 };

function aged(L: Float32Array, options: Partial<OldPhotoOptions>, count = batch): number[] {
  const side = Math.sqrt(L.length / count);
  return drawnValues(
    count,
    at,
    (draws) => agePhotos(tf.tensor4d(L, [count, side, side, 1]), draws, { ...off, ...options }),
  );
}

function drawn(name: PhotoDraw, range: [number, number], count = batch): number[] {
  return drawnValues(count, at, (draws) => draws.uniform(name, range));
}

/** The same picture in every photo of a batch. */
function everywhere(value: (x: number, y: number) => number, side = size, count = batch) {
  return Float32Array.from(
    { length: count * side * side },
    (_, i) => value(i % side, Math.floor(i / side) % side),
  );
}

/** A Gaussian filter in float64, weights outside of the picture spread over the others. */
function gaussian(picture: readonly number[], sigma: number): number[] {
  const weight = (i: number, j: number) => Math.exp(-((i - j) ** 2) / (2 * sigma ** 2));
  const rows = Array.from({ length: size }, (_, i) => {
    const row = Array.from({ length: size }, (_, j) => weight(i, j));
    const sum = row.reduce((a, b) => a + b);
    return row.map((each) => each / sum);
  });
  return picture.map((_, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    let sum = 0;
    for (let v = 0; v < size; v++) {
      for (let u = 0; u < size; u++) sum += rows[y]![v]! * rows[x]![u]! * picture[v * size + u]!;
    }
    return sum;
  });
}

Deno.test("the reference for blur agrees with SciPy's gaussian_filter", () => {
  const impulse = Array.from({ length: size * size }, (_, i) => i === 12 * size + 12 ? 1 : 0);
  for (
    const [sigma, expected] of [
      [0.6, [0.4406504, 0.1098772, 0.0273981, 1.6e-6, 6.6e-6]],
      [1.3, [0.0941745, 0.0700558, 0.052114, 0.0065694, 0.0088312]],
    ] as const
  ) {
    const made = gaussian(impulse, sigma);
    const offsets = [[0, 0], [1, 0], [1, 1], [3, 0], [-2, 2]] as const;
    assertClose(offsets.map(([x, y]) => made[(12 + y) * size + 12 + x]!), expected, {
      absolute: 1e-7,
    });
  }
});

engineTest("blur gives each photo a Gaussian of its own sigma, up to the border", () => {
  const picture = (x: number, y: number) => Math.sin(x * 1.7) * Math.cos(y * 0.9) * 0.9;
  const one = Array.from(
    { length: size * size },
    (_, i) => picture(i % size, Math.floor(i / size)),
  );
  const sigmas = drawn("blur", [0, 3]);
  assert.equal(new Set(sigmas).size, batch);
  const expected = sigmas.flatMap((sigma) => gaussian(one, sigma));
  assertClose(aged(everywhere(picture), { blur: 3 }), expected, { absolute: 1e-5 });
});

engineTest("blur leaves an even lightness, and a sigma near 0 leaves everything", () => {
  const even = aged(everywhere(() => 0.3), { blur: 8 });
  assertClose(even, new Array(even.length).fill(0.3), { absolute: 1e-6 });
  const noise = everywhere((x, y) => ((x * 31 + y * 17) % 13) / 13);
  assertClose(aged(noise, { blur: 1e-4 }), noise, { absolute: 1e-6 });
});

engineTest(
  "grain has the deviation that was drawn for the photo, in units of L, and no bias",
  () => {
    const side = 128;
    const values = aged(everywhere(() => 0, side), { grain: 12 });
    const n = side * side;
    for (const [photo, deviation] of drawn("grain", [0, 12]).entries()) {
      const units = values.slice(photo * n, (photo + 1) * n).map((value) => value * 50);
      const mean = units.reduce((sum, each) => sum + each) / n;
      const measured = Math.sqrt(units.reduce((sum, each) => sum + (each - mean) ** 2, 0) / n);
      assert.ok(Math.abs(mean) < 5 * deviation / Math.sqrt(n), `mean ${mean}`);
      // A deviation's standard error is deviation / sqrt(2 n).
      assert.ok(
        Math.abs(measured / deviation - 1) < 5 / Math.sqrt(2 * n),
        `${measured}, ${deviation}`,
      );
    }
  },
);

engineTest("grain stays between black and white", () => {
  const values = aged(everywhere((x) => x % 2 === 0 ? -1 : 1, 64), { grain: 30 });
  assert.ok(values.every((value) => value >= -1 && value <= 1));
  assert.ok(values.some((value, i) => value !== (i % 2 === 0 ? -1 : 1)));
});

engineTest("cutout makes one rectangle of a photo even, and nothing else", () => {
  const texture = (x: number, y: number) => ((x * 29 + y * 53) % 97) / 97 - 0.5;
  const [side, count, cutout] = [32, 64, 0.6];
  const before = everywhere(texture, side, count);
  const after = aged(before, { cutout }, count);
  const half = drawn("holeWidth", [0, cutout], count).map((width) => width / 2);
  const halfHeight = drawn("holeHeight", [0, cutout], count).map((height) => height / 2);
  const place = (name: PhotoDraw) => drawn(name, [0, 1], count);
  const [u, v, level] = [place("holeX"), place("holeY"), drawn("holeL", [-1, 1], count)];
  let holes = 0;
  for (const [i, value] of after.entries()) {
    const photo = Math.floor(i / side ** 2);
    const [x, y] = [i % side, Math.floor(i / side) % side];
    const [w, h] = [half[photo]!, halfHeight[photo]!];
    const off = Math.max(
      Math.abs((x + 0.5) / side - (w + u[photo]! * (1 - 2 * w))) - w,
      Math.abs((y + 0.5) / side - (h + v[photo]! * (1 - 2 * h))) - h,
    );
    if (Math.abs(off) < 1e-5) continue; // on the edge, where rounding decides
    if (off < 0) holes++;
    assertClose([value], [off < 0 ? level[photo]! : before[i]!], { absolute: 1e-6 });
  }
  // A side is 0.3 in the mean, so a hole is 0.09; the deviation of one is 0.08.
  const share = holes / after.length;
  assert.ok(Math.abs(share - 0.09) < 5 * 0.08 / Math.sqrt(count), `${share} is hole`);
  assert.ok(unevenness(level, [-1, 1]) < evenWithin(count));
});

engineTest("blur comes before grain, and grain before the hole", () => {
  const texture = everywhere((x, y) => Math.sin(x + 2 * y) * 0.5);
  const blurred = Float32Array.from(aged(texture, { blur: 2 }));
  const grainy = Float32Array.from(aged(blurred, { grain: 10 }));
  const expected = aged(grainy, { cutout: 0.5 });
  assert.deepEqual(aged(texture, { blur: 2, grain: 10, cutout: 0.5 }), expected);
});

engineTest("without an option L is the same tensor", () => {
  drawnValues(batch, at, (draws) => {
    const L = tf.tensor4d(everywhere(() => 0), [batch, size, size, 1]);
    assert.strictEqual(agePhotos(L, draws, off), L);
    return L;
  });
});
