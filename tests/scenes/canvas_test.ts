import assert from "assert";
import { Canvas, newInk, ramp } from "../../src/scenes/canvas.ts";

Deno.test("paint() with cover() draws antialiased edges: a disc has its true area", () => {
  for (const r of [0.05, 0.21, 0.4]) {
    const canvas = new Canvas(64);
    canvas.paint(0, 0, 1, 1, (x, y, ink) => {
      ink.r = ink.g = ink.b = 1;
      return canvas.cover(Math.sqrt((x - 0.513) ** 2 + (y - 0.487) ** 2) - r);
    });
    const bytes = canvas.toBytes();
    const area = bytes.reduce((sum, value) => sum + value, 0) / 255 / 3 / 64 ** 2;
    // Half a percent of a disc's outline, one pixel wide, is what a linear edge leaves over.
    assert.ok(Math.abs(area / (Math.PI * r * r) - 1) < 0.01, `r ${r}: ${area}`);
    assert.ok(new Set(bytes).size >= 8, "the edge has many grays");
  }
});

Deno.test("paint() keeps to its box and to the canvas, and blends by coverage", () => {
  const canvas = new Canvas(4);
  canvas.paint(-9, -9, 9, 9, (_x, _y, ink) => {
    [ink.r, ink.g, ink.b] = [1, 0, 0];
    return 1;
  });
  canvas.paint(0.5, 0.5, 7, 0.75, (_x, _y, ink) => {
    [ink.r, ink.g, ink.b] = [0, 0, 1];
    return 0.4;
  });
  const pixels = Array.from(
    { length: 16 },
    (_, i) => [...canvas.toBytes().slice(i * 3, i * 3 + 3)],
  );
  pixels.forEach((pixel, i) =>
    assert.deepEqual(pixel, i === 10 || i === 11 ? [153, 0, 102] : [255, 0, 0])
  );
});

Deno.test("the light's colour multiplies what is painted after it is set", () => {
  const canvas = new Canvas(8);
  Object.assign(canvas.light, { r: 1, g: 0.5, b: 0 });
  canvas.paint(0, 0, 1, 1, (_x, _y, ink) => {
    ink.r = ink.g = ink.b = 1;
    return 1;
  });
  assert.deepEqual([...canvas.toBytes().slice(0, 3)], [255, 128, 0]);
});

Deno.test("ramp() gives its stops and straight lines between them, and keeps to its ends", () => {
  const material = ramp(0x000000, 0xff0000, 0xffff66);
  const at = (tone: number) => {
    const ink = newInk();
    material(tone, ink);
    return [ink.r, ink.g, ink.b].map((v) => Math.round(v * 255));
  };
  assert.deepEqual(at(0), [0, 0, 0]);
  assert.deepEqual(at(0.25), [128, 0, 0]);
  assert.deepEqual(at(0.5), [255, 0, 0]);
  assert.deepEqual(at(0.75), [255, 128, 51]);
  assert.deepEqual(at(1), [255, 255, 102]);
  assert.deepEqual(at(-3), at(0));
  assert.deepEqual(at(3), at(1));
  assert.throws(() => ramp(0xffffff), RangeError);
});
