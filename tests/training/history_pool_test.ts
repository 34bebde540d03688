import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Engine } from "../../src/engine/engine.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { statelessUniform } from "../../src/engine/kernels/random.ts";
import { HistoryPool } from "../../src/training/history_pool.ts";
import { engineTest, valuesOf } from "../engine/test_engine.ts";

/** ImagePool.query of the common PyTorch implementation, on numbers in place of pictures. */
class ImagePool {
  readonly kept: number[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  query(fresh: readonly number[], draws: readonly (readonly [number, number])[]): number[] {
    return fresh.map((picture, i) => {
      if (this.kept.length < this.#size) {
        this.kept.push(picture);
        return picture;
      }
      const [coin, place] = draws[i]!;
      if (coin >= 0.5) return picture;
      const slot = Math.floor(place * this.#size);
      const old = this.kept[slot]!;
      this.kept[slot] = picture;
      return old;
    });
  }
}

/** The draws that a pool takes for a batch: a coin and a place for each picture. */
function drawsOf(step: number, batch: number): [number, number][] {
  const values = valuesOf(() =>
    statelessUniform([batch, 2], tf.tensor1d([7 + 4002, step], "int32"))
  );
  return Array.from({ length: batch }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
}

/** Runs steps through a compiled pool: each picture is filled with a number of its own. */
async function shownBy(
  engine: Engine,
  pool: HistoryPool,
  { batch, steps }: { batch: number; steps: readonly number[] },
): Promise<number[][]> {
  using exchange = new CompiledFunction(
    engine,
    (fresh, seed) => [pool.exchange(fresh!, seed!)],
    { name: "exchange" },
  );
  const shown: number[][] = [];
  for (const step of steps) {
    const fresh = tf.tidy(() =>
      tf.add(
        tf.zeros([batch, 2, 2, 3]),
        tf.reshape(tf.range(0, batch).add(step * 100), [-1, 1, 1, 1]),
      )
    );
    const seed = tf.tensor1d([7, step], "int32");
    const [result] = await exchange.call(fresh, seed);
    const values = [...result!.dataSync()];
    shown.push(Array.from({ length: batch }, (_, i) => values[12 * i]!));
    // Whole pictures change places.
    for (const [i, value] of values.entries()) {
      assert.equal(value, shown.at(-1)![Math.floor(i / 12)]);
    }
    tf.dispose([fresh, seed, result!]);
  }
  return shown;
}

for (const [batch, poolSize] of [[1, 3], [3, 4], [4, 2]] as const) {
  engineTest(`a pool of ${poolSize} shows what ImagePool does, batch ${batch}`, async (engine) => {
    using pool = new HistoryPool(engine, { poolSize, size: 2 });
    const reference = new ImagePool(poolSize);
    const steps = Array.from({ length: 40 }, (_, i) => i + 1);
    const expected = steps.map((step) =>
      reference.query(Array.from({ length: batch }, (_, i) => step * 100 + i), drawsOf(step, batch))
    );
    assert.deepEqual(await shownBy(engine, pool, { batch, steps }), expected);
    // It fills up first, and then about half of what is shown is from earlier.
    const flat = expected.flat();
    const fresh = steps.flatMap((step) => Array.from({ length: batch }, (_, i) => step * 100 + i));
    assert.deepEqual(flat.slice(0, poolSize), fresh.slice(0, poolSize));
    const old = flat.filter((value, i) => value !== fresh[i]).length;
    const expectedOld = (flat.length - poolSize) / 2;
    // Four standard deviations of as many coins.
    assert.ok(Math.abs(old - expectedOld) < 4 * Math.sqrt(flat.length / 4), `${old}`);
    assert.deepEqual(
      valuesOf(() => tf.slice(pool.pictures.read(), [0, 0, 0, 0], [poolSize, 1, 1, 1])),
      reference.kept,
    );
    assert.deepEqual(valuesOf(() => pool.filled.read()), [poolSize]);
  });
}

engineTest("a pool that goes on from another's pictures shows the same", async (engine) => {
  const options = { poolSize: 3, size: 2 };
  const steps = Array.from({ length: 12 }, (_, i) => i + 1);
  using whole = new HistoryPool(engine, options);
  const expected = await shownBy(engine, whole, { batch: 2, steps });
  for (const stop of [1, 7]) {
    using before = new HistoryPool(engine, options);
    const first = await shownBy(engine, before, { batch: 2, steps: steps.slice(0, stop) });
    using after = new HistoryPool(engine, options);
    tf.tidy(() => {
      after.pictures.assign(before.pictures.read());
      after.filled.assign(before.filled.read());
    });
    const second = await shownBy(engine, after, { batch: 2, steps: steps.slice(stop) });
    assert.deepEqual([...first, ...second], expected);
  }
});
