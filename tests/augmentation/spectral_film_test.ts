import assert from "assert";
import tf from "@tensorflow/tfjs";
import { filmMixes, seenByFilm } from "../../src/augmentation/spectral_film.ts";
import { labOfBytes } from "../../src/color/lab.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";
import { drawnValues, evenWithin, unevenness } from "./drawn.ts";

const at: [number, number] = [6, 2];

/** IEC 61966-2-1 and CIE 1976, in float64. */
function lightness(bytes: readonly number[], mix: readonly number[]): number {
  const mixed = bytes.reduce((sum, byte, i) => {
    const value = byte / 255;
    return sum + mix[i]! * (value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92);
  }, 0);
  return mixed > 0.008856 ? 116 * Math.cbrt(mixed) - 16 : 903.3 * mixed;
}

/** The mixes of a batch, a row each. */
function mixesOf(count: number): number[][] {
  const flat = drawnValues(count, at, filmMixes);
  return Array.from({ length: count }, (_, i) => flat.slice(3 * i, 3 * i + 3));
}

engineTest(
  "half of the films are blind to red; the others see any mix; all see grays alike",
  () => {
    const count = 4000;
    const mixes = mixesOf(count);
    for (const mix of mixes) {
      assert.ok(mix.every((share) => share >= 0 && share <= 1), `${mix}`);
      assert.ok(Math.abs(mix.reduce((a, b) => a + b) - 1) < 1e-6, `${mix}`);
    }
    const [blind, seeing] = [mixes.filter(([red]) => red === 0), mixes.filter(([red]) => red! > 0)];
    // Five standard deviations of a fair coin.
    assert.ok(Math.abs(blind.length - count / 2) < 2.5 * Math.sqrt(count), `${blind.length}`);
    const evenly = (values: number[]) => unevenness(values, [0, 1]) < evenWithin(values.length);
    assert.ok(evenly(blind.map(([, green]) => green!)));
    // Of mixes that are all equally likely, 1 - (1 - x)^2 have a share below x.
    for (const channel of [0, 1, 2]) {
      assert.ok(evenly(seeing.map((mix) => 1 - (1 - mix[channel]!) ** 2)), `${channel}`);
    }
  },
);

engineTest("L is that of the film's mix where a photo is drawn, else the photo's own", (engine) => {
  const colours = [[200, 30, 40], [60, 120, 220], [128, 128, 128], [0, 0, 0], [255, 255, 255]];
  const count = 200, share = 0.3;
  const bytes = Uint8Array.from(Array.from({ length: count }, () => colours.flat()).flat());
  const pixels = engine.uint8Tensor(bytes, [count, 1, colours.length, 3]);
  const own = valuesOf(() => tf.slice(labOfBytes(pixels), [0, 0, 0, 0], [-1, -1, -1, 1]));
  const seen = drawnValues(count, at, (draws) => {
    const L = tf.tensor4d(own, [count, 1, colours.length, 1]);
    return seenByFilm({ pixels, L }, draws, share);
  });
  pixels.dispose();
  const mixes = mixesOf(count);
  const isDrawn = drawnValues(count, at, (draws) => draws.uniform("film", [0, 1]))
    .map((draw) => draw < share);
  const drawnCount = isDrawn.filter(Boolean).length;
  assert.ok(drawnCount > 40 && drawnCount < 80, `${drawnCount}`); // 60, and 3 deviations either way
  const expected = isDrawn.flatMap((drawn, i) =>
    colours.map((colour, j) => drawn ? lightness(colour, mixes[i]!) : own[i * colours.length + j]!)
  );
  assertClose(seen, expected, { absolute: 1e-3 }); // float32 through a logarithm
  for (const [i, drawn] of isDrawn.entries()) {
    const [red, blue, gray] = seen.slice(i * colours.length, (i + 1) * colours.length);
    if (!drawn) assert.deepEqual([red, blue, gray], own.slice(0, 3));
    else {
      assertClose([gray!], [own[2]!], { absolute: 1e-3 });
      // Blind to red, a film sees red lips darker than the eye does.
      if (mixes[i]![0] === 0) assert.ok(red! < own[0]!, `${red}, ${own[0]}`);
    }
  }
});
