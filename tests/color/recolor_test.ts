import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { labOfBytes, scaleLab } from "../../src/color/lab.ts";
import { lightnessOfBytes, recolor } from "../../src/color/recolor.ts";
import { assertClose, engineTest, valuesOf } from "../engine/test_engine.ts";
import { bytesTensor, colorGrid } from "./test_colors.ts";

/** Half a byte in each channel moves L by at most this: at (0, 27, 30), by trying all colours. */
const ROUNDING = 0.26;

function colorsOf(lab: Tensor): { a: Tensor; b: Tensor } {
  const [, a, b] = tf.unstack(lab, 3);
  return { a: a!, b: b! };
}

function lightness(lab: readonly number[]): number[] {
  return lab.filter((_, i) => i % 3 === 0);
}

engineTest("recolor() with a photo's own ab gives the photo back", (engine) => {
  const colors = colorGrid();
  const actual = valuesOf(() => {
    const pixels = bytesTensor(engine, colors);
    return recolor(pixels, colorsOf(labOfBytes(pixels)));
  });
  assert.deepEqual(actual, colors.flat());
});

engineTest("recolor() keeps the lightness of every colour, whatever ab is", (engine) => {
  const colors = colorGrid();
  for (const reach of [20, 110, 400]) {
    const [before, after] = tf.tidy(() => {
      const pixels = bytesTensor(engine, colors);
      const [a, b] = [1, 2].map((seed) =>
        tf.randomUniform([1, 1, colors.length], -reach, reach, "float32", seed)
      );
      return [labOfBytes(pixels), labOfBytes(recolor(pixels, { a: a!, b: b! }))]
        .map((lab) => lightness([...lab.dataSync()]));
    });
    assertClose(after!, before!, { absolute: ROUNDING });
  }
});

engineTest(
  "recolor() stops a colour that sRGB does not hold at its edge, on its side",
  (engine) => {
    const gray = [119, 119, 119];
    const pixels = Array.from({ length: 5 }, () => gray);
    const bytes = valuesOf(() =>
      recolor(bytesTensor(engine, pixels), {
        a: tf.tensor1d([300, -300, 0, 0, 0]),
        b: tf.tensor1d([0, 0, 300, -300, 0]),
      })
    );
    const colors = pixels.map((_, i) => bytes.slice(3 * i, 3 * i + 3));
    const [red, green, yellow, blue, none] = colors;
    for (const color of colors.slice(0, 4)) {
      assert.ok(color.includes(0) || color.includes(255), `${color} lies within`);
    }
    assert.ok(red![0]! > red![1]! + 100, `${red}`);
    assert.ok(green![1]! > green![0]! + 100, `${green}`);
    assert.ok(yellow![2]! === 0 && yellow![0]! > 100, `${yellow}`);
    assert.ok(blue![2]! > blue![0]! + 60, `${blue}`);
    assert.deepEqual(none, gray);
  },
);

engineTest("recolor() without ab gives grays, and leaves those of a gray photo alone", (engine) => {
  const grays = Array.from({ length: 256 }, (_, level) => [level, level, level]);
  const recolored = (colors: number[][]) =>
    valuesOf(() => {
      const none = tf.zeros([1, 1, colors.length]);
      return recolor(bytesTensor(engine, colors), { a: none, b: none });
    });
  assert.deepEqual(recolored(grays), grays.flat());
  const bytes = recolored(colorGrid());
  assert.ok(bytes.every((byte, i) => byte === bytes[i - i % 3]), "a pixel has some colour");
});

engineTest("lightnessOfBytes() is the L of labOfBytes(), scaled", (engine) => {
  const colors = colorGrid();
  const actual = valuesOf(() => lightnessOfBytes(bytesTensor(engine, colors)));
  const expected = valuesOf(() => scaleLab(labOfBytes(bytesTensor(engine, colors))).L);
  assertClose(actual, expected, { absolute: 2e-6 }); // a few units in the last place of float32
});
