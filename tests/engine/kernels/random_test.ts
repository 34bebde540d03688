import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../../../src/engine/compile.ts";
import { statelessNormal, statelessUniform } from "../../../src/engine/kernels/random.ts";
import { engineTest, valuesOf } from "../test_engine.ts";

type Draw = typeof statelessNormal;

const draws: Record<string, Draw> = { statelessUniform, statelessNormal };

function drawn(draw: Draw, shape: number[], seed: [number, number]): number[] {
  return valuesOf(() => draw(shape, tf.tensor1d(seed, "int32")));
}

for (const [name, draw] of Object.entries(draws)) {
  engineTest(`${name}() draws the same for the same seed, and else other numbers`, () => {
    const first = drawn(draw, [4, 5], [3, 7]);
    drawn(draw, [100], [1, 1]); // what is drawn in between does not matter
    assert.deepEqual(drawn(draw, [4, 5], [3, 7]), first);
    for (const seed of [[3, 8], [4, 7], [7, 3], [-3, 7], [2 ** 31 - 1, 0]] as [number, number][]) {
      const other = drawn(draw, [4, 5], seed);
      assert.equal(other.filter((value, i) => value === first[i]).length, 0, `seed ${seed}`);
    }
    assert.equal(new Set(first).size, 20);
  });

  engineTest(`${name}() follows the seed given to a compiled function`, async (engine) => {
    using compiled = new CompiledFunction(engine, (seed) => [draw([6], seed!)], { name });
    const call = async (seed: [number, number]) => {
      const input = tf.tensor1d(seed, "int32");
      const results = await compiled.call(input);
      const values = [...results[0]!.dataSync()];
      tf.dispose([input, results]);
      return values;
    };
    assert.deepEqual(await call([3, 7]), drawn(draw, [6], [3, 7]));
    assert.deepEqual(await call([9, 9]), drawn(draw, [6], [9, 9]));
    assert.equal(compiled.traceCount, 1);
  });
}

/** The mean of f(x) over all draws. */
function mean(values: readonly number[], f: (x: number) => number): number {
  return values.reduce((sum, value) => sum + f(value), 0) / values.length;
}

// The seed is fixed, so that these tests say the same every time. Their bounds are five standard
// errors of n draws; a wrong distribution is out by hundreds.
const count = 100_000;

engineTest("statelessNormal() has the moments of the standard normal distribution", () => {
  const values = drawn(statelessNormal, [count], [11, 13]);
  const expected: [power: number, moment: number, variance: number][] = [
    [1, 0, 1],
    [2, 1, 2], // E x^4 - 1
    [3, 0, 15], // E x^6
    [4, 3, 96], // E x^8 - 9
  ];
  for (const [power, moment, variance] of expected) {
    const difference = Math.abs(mean(values, (x) => x ** power) - moment);
    assert.ok(difference < 5 * Math.sqrt(variance / count), `moment ${power}: off ${difference}`);
  }
  const neighbours = values.slice(1).map((value, i) => value * values[i]!);
  assert.ok(Math.abs(mean(neighbours, (x) => x)) < 5 / Math.sqrt(count), "neighbours correlate");
});

engineTest("statelessUniform() is spread evenly over [0, 1)", () => {
  const values = drawn(statelessUniform, [count], [11, 13]);
  assert.ok(values.every((value) => value >= 0 && value < 1));
  for (const below of [0.1, 0.25, 0.5, 0.9]) {
    const difference = Math.abs(mean(values, (x) => x < below ? 1 : 0) - below);
    assert.ok(
      difference < 5 * Math.sqrt(below * (1 - below) / count),
      `below ${below}: ${difference}`,
    );
  }
});

engineTest("draws have the shape asked for, a scalar too", () => {
  for (const draw of Object.values(draws)) {
    for (const shape of [[], [0], [1], [2, 3, 4, 5]]) {
      const result: Tensor = tf.tidy(() => draw(shape, tf.tensor1d([1, 2], "int32")));
      assert.deepEqual(result.shape, shape);
      assert.equal(result.dtype, "float32");
      result.dispose();
    }
  }
});
