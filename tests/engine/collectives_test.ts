import assert from "assert";
import { runReplicas, startReplicas } from "../replicas/programs.ts";

const program = new URL("./collectives_program.ts", import.meta.url);

for (const count of [2, 3]) {
  Deno.test(`${count} processes average in buckets, and share what the first one has`, async () => {
    const outputs = await runReplicas(program, count);
    for (const { code, stderr } of outputs) assert.equal(code, 0, stderr);
    const [first, ...others] = outputs.map(({ values }) => values);
    // What all have is the same to the last bit.
    for (const other of others) assert.deepEqual(other, first);

    const ranks = Array.from({ length: count }, (_, rank) => rank);
    const mean = (of: (rank: number) => number) =>
      ranks.reduce((sum, rank) => sum + of(rank), 0) / count;
    const x = [mean((rank) => rank), mean((rank) => 1 / (rank + 1)), 3, mean((rank) => -rank)];
    const sum = x.reduce((a, b) => a + b, 0);
    const expected = [[sum / 4], [...x, ...x.slice(0, 2)], x.map((each) => 2 * each), [sum]];
    for (const averaged of first!.slice(0, 3) as number[][][]) {
      assert.deepEqual(averaged.map(({ length }) => length), [1, 6, 4, 1]);
      averaged.flat().forEach((value, i) => {
        // Sums of three float32 numbers below 10: 3 * 2^-24 * 10.
        assert.ok(Math.abs(value - expected.flat()[i]!) < 2e-6, `${averaged} is not ${expected}`);
      });
    }
    const bits = new Uint32Array(Float32Array.of(-0, 1e-45, -Infinity, 1 / 3, 5, 6, 7).buffer);
    assert.deepEqual(first![3], [...bits]);
    assert.deepEqual(first!.slice(4), [{ tensors: 0, ids: 0 }, {}]);
  });
}

Deno.test("an average that nobody else takes part in fails once it is aborted", async () => {
  const [first, second] = await startReplicas(program, 2, ["alone"]);
  const { values, code, stderr } = await first!.output;
  second!.child.kill("SIGKILL");
  await second!.output;
  assert.equal(code, 0, stderr);
  assert.match(String(values[4]), /^TensorFlow failed at average_\d+ .*told to/);
  assert.deepEqual(values.slice(5), [{ tensors: 0, ids: 0 }, {}]);
});
