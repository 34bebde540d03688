import assert from "assert";
import { spreadColors } from "../../src/hints/spread_colors.ts";

/** A picture whose left half is as light as `left`, and whose right half as `right`. */
function halves(width: number, height: number, left: number, right: number) {
  const lightness = Float32Array.from(
    { length: width * height },
    (_, i) => i % width < width / 2 ? left : right,
  );
  return { width, height, lightness };
}

Deno.test("spreadColors() goes through like lightness, and not over an edge", () => {
  const grid = halves(100, 60, 40, 70);
  const { weight, a } = spreadColors(grid, { cells: [30 * 100 + 25], a: [50], b: [0] });
  for (let y = 0; y < 60; y++) {
    for (let x = 0; x < 50; x++) {
      // The farthest corner is 0.39 away, of a reach of 0.4.
      assert.ok(weight[y * 100 + x]! > 0.35, `${weight[y * 100 + x]} at ${x}, ${y}`);
      assert.ok(Math.abs(a[y * 100 + x]! - 50) < 1e-3);
    }
    for (let x = 50; x < 100; x++) assert.equal(weight[y * 100 + x], 0, `${x}, ${y}`);
  }
  assert.ok(weight[30 * 100 + 40]! > 0.97);
});

Deno.test("spreadColors() is stopped by a line, and goes around where it has a gap", () => {
  const grid = halves(100, 60, 50, 50);
  for (let y = 0; y < 60; y++) grid.lightness[y * 100 + 50] = 0;
  const seeds = { cells: [30 * 100 + 45], a: [0], b: [50] };
  assert.equal(spreadColors(grid, seeds).weight[30 * 100 + 55], 0);
  grid.lightness[30 * 100 + 50] = 50;
  // 0.1 away and 0.4 of a reach: exp(-(0.25 ^ 4)).
  assert.ok(Math.abs(spreadColors(grid, seeds).weight[30 * 100 + 55]! - 0.996) < 2e-3);
});

Deno.test("spreadColors() goes up a slope that is as high as an edge", () => {
  const lightness = Float32Array.from({ length: 100 * 10 }, (_, i) => 30 + 40 * (i % 100) / 99);
  const { weight } = spreadColors({ width: 100, height: 10, lightness }, {
    cells: [5 * 100],
    a: [50],
    b: [0],
  });
  assert.ok(weight[5 * 100 + 30]! > 0.5, `${weight[5 * 100 + 30]}`);
});

Deno.test("spreadColors() blends two colours without a seam", () => {
  const grid = halves(101, 41, 50, 50);
  const seeds = { cells: [20 * 101 + 20, 20 * 101 + 80], a: [-40, 40], b: [0, 0] };
  const { a } = spreadColors(grid, seeds);
  const line = Array.from({ length: 61 }, (_, i) => a[20 * 101 + 20 + i]!);
  assert.ok(Math.abs(line[30]!) < 0.5, `${line[30]} in the middle`);
  assert.ok(line[0]! < -39.9 && line[60]! > 39.9);
  for (let i = 1; i < line.length; i++) {
    assert.ok(line[i]! > line[i - 1]!, `rises at ${i}`);
    assert.ok(line[i]! - line[i - 1]! < 4, `${line[i]! - line[i - 1]!} from one cell to the next`);
  }
});

Deno.test("spreadColors() takes a thousand colours, and none", () => {
  const grid = halves(256, 256, 30, 80);
  const cells = Array.from({ length: 1000 }, (_, i) => (i * 7919) % (256 * 256));
  const { weight, a } = spreadColors(grid, {
    cells,
    a: cells.map((_, i) => i % 100 - 50),
    b: cells.map((_, i) => Math.floor(i / 10) - 50),
  });
  assert.ok(weight.every((each) => each >= 0 && each <= 1));
  assert.ok(a.every((each) => Math.abs(each) <= 50.001));
  cells.forEach((cell, i) => assert.ok(Math.abs(a[cell]! - (i % 100 - 50)) < 1, `${i}`));
  const none = spreadColors(grid, { cells: [], a: [], b: [] });
  assert.ok(none.weight.every((each) => each === 0));
});
