import assert from "assert";
import { RandomStream } from "../../src/prepared/random_stream.ts";
import { shuffled } from "../../src/prepared/shuffle.ts";

// These numbers are from a second implementation, in Python. They must never change: a run that is
// resumed goes on in the order in which it began.

Deno.test("RandomStream gives the numbers of xoshiro128** 1.1", () => {
  const stream = new RandomStream("abc");
  const drawn = Array.from({ length: 6 }, () => stream.next());
  assert.deepEqual(drawn, [832771107, 4151719228, 3878178221, 392032552, 791465375, 221324219]);
});

Deno.test("RandomStream draws again what would favor small numbers", () => {
  const stream = new RandomStream("abc");
  const drawn = Array.from({ length: 6 }, () => stream.below(3_000_000_000));
  assert.deepEqual(drawn, [832771107, 392032552, 791465375, 221324219, 1719927818, 246030609]);
});

const ORDERS = [
  { seed: 7, epoch: 0, order: [6, 4, 5, 11, 8, 1, 9, 0, 3, 7, 10, 2] },
  { seed: 7, epoch: 1, order: [6, 1, 2, 9, 0, 4, 10, 8, 7, 3, 5, 11] },
  { seed: -8, epoch: 0, order: [4, 11, 6, 10, 1, 9, 0, 8, 2, 5, 3, 7] },
];

for (const { seed, epoch, order } of ORDERS) {
  Deno.test(`shuffled() has one order for seed ${seed}, epoch ${epoch}`, () => {
    const indices = Uint32Array.from({ length: 12 }, (_, at) => at);
    assert.deepEqual([...shuffled(indices, seed, epoch)], order);
    assert.deepEqual([...indices], [...indices].sort((a, b) => a - b), "left as it was");
    const doubled = shuffled(indices.map((index) => index * 2), seed, epoch);
    assert.deepEqual([...doubled], order.map((index) => index * 2));
  });
}

Deno.test("shuffled() puts everything everywhere equally often", () => {
  const counts = Array.from({ length: 8 }, () => new Array<number>(8).fill(0));
  const rounds = 4000;
  for (let epoch = 0; epoch < rounds; epoch++) {
    shuffled([0, 1, 2, 3, 4, 5, 6, 7], 1, epoch).forEach((index, place) =>
      counts[place]![index]!++
    );
  }
  // Each is binomial: 500 with a standard deviation of 21; five of those are left to 64 cells.
  for (const count of counts.flat()) assert.ok(Math.abs(count - rounds / 8) < 105, `${count}`);
});

Deno.test("shuffled() takes nothing and one", () => {
  assert.deepEqual([...shuffled([], 0, 0)], []);
  assert.deepEqual([...shuffled([5], 0, 0)], [5]);
});

Deno.test("shuffled() refuses seeds and epochs that are no integers", () => {
  for (const [seed, epoch] of [[0.5, 0], [2 ** 53, 0], [0, -1], [0, 1.5], [NaN, 0]] as const) {
    assert.throws(() => shuffled([1, 2], seed, epoch), RangeError);
  }
});
