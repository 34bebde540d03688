import assert from "assert";
import { deltaE2000 } from "../../../src/web_parts/pictures/difference.ts";

/** Of the table of Sharma, Wu & Dalal (2005), to the four decimals that it has. */
const published = [
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, 2.49, -0.001], [50, -2.49, 0.0009], 7.1792],
  [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
  [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
  [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
] as const;

Deno.test("deltaE2000() of the pages is the published one, in both directions", () => {
  for (const [one, other, expected] of published) {
    assert.ok(Math.abs(deltaE2000(one, other) - expected) <= 5e-5, `${one} ${other}`);
    assert.ok(Math.abs(deltaE2000(other, one) - expected) <= 5e-5, `${other} ${one}`);
  }
});
