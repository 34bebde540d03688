import assert from "assert";
import { chromaAt } from "../../src/hints/byte_colors.ts";
import { refineColors } from "../../src/hints/refine_colors.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { paint } from "../images/test_photos.ts";

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

Deno.test("refineColors() smooths blots, and not over an edge", () => {
  const square = paint(96, 96, (x) => x < 48 ? [70, 70, 70] : [190, 190, 190]);
  const real = (x: number) => x < 48 ? 40 : 0;
  const ab = Float32Array.from({ length: 96 * 96 * 2 }, (_, i) => {
    return i % 2 === 0 ? real((i >> 1) % 96) + 6 * Math.sin(i * i) : 0;
  });
  const off = (values: Float32Array, from: number, to: number) =>
    meanOf(
      Array.from({ length: 96 * (to - from) }, (_, i) => {
        const [x, y] = [from + i % (to - from), Math.floor(i / (to - from))];
        return Math.abs(values[2 * (y * 96 + x)]! - real(x));
      }),
    );
  const refined = refineColors(ab, square);
  assert.ok(off(refined, 0, 96) < 0.4 * off(ab, 0, 96), `${off(refined, 0, 96)}`);
  // A plain mean over the window would be 8 and 16 off beside the edge.
  assert.ok(off(refined, 46, 50) < off(ab, 46, 50), `${off(refined, 46, 50)} at the edge`);
});

Deno.test("refineColors() leaves even colours alone, at any side", () => {
  for (const side of [1, 2, 33, 256]) {
    const square = paint(side, side, (x, y) => [(7 * x * y) % 256, (x + y) % 256, 90]);
    const even = Float32Array.from({ length: side * side * 2 }, (_, i) => i % 2 === 0 ? 12 : -30);
    const made = refineColors(even, square);
    assert.ok(made.every((each, i) => Math.abs(each - even[i]!) < 1e-3), `${side}`);
  }
  // Real colours with errors that have nothing to do with lightness come nearer to the real ones.
  const square = renderScene(3, { seed: 5, size: 96 });
  const real = Float32Array.from({ length: 96 * 96 * 2 }, (_, i) => {
    const { a, b } = chromaAt(square, 3 * (i >> 1));
    return i % 2 === 0 ? a : b;
  });
  const off = (values: Float32Array) =>
    meanOf([...values].map((each, i) => (each - real[i]!) ** 2)) ** 0.5;
  const wrong = real.map((each, i) => each + 30 * Math.sin(i * i));
  assert.ok(off(refineColors(wrong, square)) < 0.6 * off(wrong));
});
