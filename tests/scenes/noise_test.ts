import assert from "assert";
import { clouds, cosine, noise, sine, smooth, turnsOf } from "../../src/scenes/noise.ts";
import { Random } from "../../src/scenes/random.ts";

Deno.test("sine() and cosine() are within 0.0012 of the exact ones, at any angle", () => {
  for (let turns = -3; turns < 3; turns += 0.001) {
    assert.ok(Math.abs(sine(turns) - Math.sin(turns * 2 * Math.PI)) < 0.0012, `sine ${turns}`);
    assert.ok(Math.abs(cosine(turns) - Math.cos(turns * 2 * Math.PI)) < 0.0012, `cosine ${turns}`);
  }
});

Deno.test("turnsOf() is within 0.0008 turns of the exact angle in every quarter", () => {
  for (let turns = -0.499; turns < 0.5; turns += 0.001) {
    const angle = turns * 2 * Math.PI;
    const found = turnsOf(3 * Math.cos(angle), 3 * Math.sin(angle));
    assert.ok(Math.abs(found - turns) < 0.0008, `${turns}: ${found}`);
  }
  assert.equal(turnsOf(0, 0), 0);
});

Deno.test("smooth() goes from 0 to 1, and down when its ends are swapped", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((x) => smooth(1, 3, x)), [0, 0, 0.5, 1, 1]);
  assert.deepEqual([0, 1, 2, 3, 4].map((x) => smooth(3, 1, x)), [1, 1, 0.5, 0, 0]);
});

Deno.test("noise() has no seams: it is continuous, also where it repeats after 64 cells", () => {
  for (let x = 62; x < 66; x += 0.001) {
    // The steepest a smoothstep between 0 and 1 can be is 1.5 a cell.
    assert.ok(Math.abs(noise(x, 63.7) - noise(x + 0.001, 63.7)) < 0.0016);
  }
  assert.ok(Math.abs(noise(3.2, 5.9) - noise(67.2, -58.1)) < 1e-9);
});

Deno.test("clouds() stays within 0 to 1 and is 0.5 on average", () => {
  const random = new Random(1);
  let sum = 0;
  for (let i = 0; i < 20_000; i++) {
    const value = clouds(random.between(-99, 99), random.between(-99, 99), 4);
    assert.ok(value >= 0 && value <= 1);
    sum += value;
  }
  assert.ok(Math.abs(sum / 20_000 - 0.5) < 0.02, `${sum / 20_000}`);
});

Deno.test("Random gives uniform numbers, and other ones for any other stream", () => {
  const random = new Random(5, 6);
  const bins = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const bin = Math.floor(random.next() * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  // 10,000 expected a bin, a standard deviation of 95: five of them.
  for (const count of bins) assert.ok(Math.abs(count - 10_000) < 475, `${bins}`);
  const streams = [[5, 6], [6, 5], [5], [5, 7], [5 + 2 ** 32, 6], [-5, 6]];
  const firsts = streams.map((parts) => new Random(...parts).next());
  assert.equal(new Set(firsts).size, streams.length);
});
