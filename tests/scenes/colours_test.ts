import assert from "assert";
import { Canvas } from "../../src/scenes/canvas.ts";
import { drawFlower, flowerKinds } from "../../src/scenes/flowers.ts";
import { type FruitKind, fruits } from "../../src/scenes/fruit.ts";
import { Random } from "../../src/scenes/random.ts";
import { chooseLight } from "../../src/scenes/sky.ts";

/** The hue of all that was drawn on a black canvas, weighted by its chroma, in degrees. */
function meanHue(canvas: Canvas): number {
  const bytes = canvas.toBytes();
  let x = 0, y = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const r = bytes[i] ?? 0, g = bytes[i + 1] ?? 0, b = bytes[i + 2] ?? 0;
    x += r - (g + b) / 2;
    y += (g - b) * Math.sqrt(3) / 2;
  }
  return Math.atan2(y, x) * 180 / Math.PI;
}

/** The mean of angles in degrees, and the largest distance of one of them from it. */
function spreadOf(hues: number[]): { mean: number; spread: number } {
  const sum = (f: (angle: number) => number) =>
    hues.reduce((total, hue) => total + f(hue * Math.PI / 180), 0);
  const mean = Math.atan2(sum(Math.sin), sum(Math.cos)) * 180 / Math.PI;
  const spread = Math.max(...hues.map((hue) => Math.abs((hue - mean + 540) % 360 - 180)));
  return { mean: (mean + 360) % 360, spread };
}

Deno.test("a kind of fruit has one hue, however it lies and is lit", () => {
  const expected: Record<FruitKind, number> = {
    apple: 0,
    orange: 30,
    lemon: 54,
    banana: 45,
    plum: 278,
    pear: 68,
    strawberry: 0,
    melon: 0,
    grapes: 252,
  };
  for (const kind of Object.keys(fruits) as FruitKind[]) {
    const hues = Array.from({ length: 40 }, (_, i) => {
      const random = new Random(3, i), canvas = new Canvas(64);
      fruits[kind](canvas, random, 0.5, 0.85, random.between(0.15, 0.3), chooseLight(random));
      return meanHue(canvas);
    });
    const { mean, spread } = spreadOf(hues);
    const off = Math.abs((mean - expected[kind] + 540) % 360 - 180);
    assert.ok(spread < 6 && off < 12, `${kind}: hue ${mean}, spread ${spread}`);
  }
});

Deno.test("a kind of flower has one hue, however it is turned and lit", () => {
  for (const kind of flowerKinds) {
    const hues = Array.from({ length: 40 }, (_, i) => {
      const random = new Random(4, i), canvas = new Canvas(64);
      drawFlower(canvas, random, kind, 0.5, 0.5, random.between(0.2, 0.4), chooseLight(random));
      return meanHue(canvas);
    });
    assert.ok(spreadOf(hues).spread < 6, `${kind}: ${JSON.stringify(spreadOf(hues))}`);
  }
});
