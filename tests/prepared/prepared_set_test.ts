import assert from "assert";
import { truncate } from "node:fs/promises";
import { TinctError } from "../../src/errors.ts";
import { prepareGenerated } from "../../src/prepared/prepare_generated.ts";
import type { PreparedSet } from "../../src/prepared/prepared_set.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const SIZE = 16;
const ROW_BYTES = SIZE * SIZE * 3;
const COUNT = 50;

/** Pictures that tell their number: picture n is all n. */
function numbered(cacheFolder: string): Promise<PreparedSet> {
  const draw = (index: number) => new Uint8Array(ROW_BYTES).fill(index);
  return prepareGenerated(draw, { count: COUNT, size: SIZE, key: "numbers", cacheFolder });
}

Deno.test("readInto() reads what is asked for, in that order", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  for (const indices of [[], [0], [49, 0, 0], [3, 4, 5, 6, 2, 1, 49, 48], [7, 8, 9, 9, 10]]) {
    const out = new Uint8Array(indices.length * ROW_BYTES).fill(255);
    await set.readInto(indices, out);
    const expected = indices.flatMap((index) => new Array<number>(ROW_BYTES).fill(index));
    assert.deepEqual([...out], expected);
  }
});

Deno.test("readInto() keeps reads apart that run at the same time", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  const reads = Array.from({ length: 400 }, async (_, at) => {
    const indices = [(at * 7) % COUNT, (at * 13 + 5) % COUNT];
    const out = new Uint8Array(2 * ROW_BYTES);
    await set.readInto(indices, out);
    return out.every((value, byte) => value === indices[Math.floor(byte / ROW_BYTES)]);
  });
  assert.deepEqual(new Set(await Promise.all(reads)), new Set([true]));
});

Deno.test("readInto() refuses pictures that are not there and memory that does not fit", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  const out = new Uint8Array(ROW_BYTES);
  for (const index of [-1, COUNT, 0.5, NaN]) {
    await assert.rejects(set.readInto([index], out), /There is no picture .* in a set of 50/);
  }
  await assert.rejects(set.readInto([0, 1], out), /out has 768 bytes; 2 pictures need 1536/);
});

Deno.test("a prepared set waits for its reads before it closes, and then reads no more", async () => {
  await using folder = await TemporaryFolder.create();
  const set = await numbered(folder.path);
  const out = new Uint8Array(COUNT * ROW_BYTES);
  const reading = set.readInto(Array.from({ length: COUNT }, (_, at) => COUNT - 1 - at), out);
  await set[Symbol.asyncDispose]();
  assert.equal(out[0], COUNT - 1);
  assert.equal(out.at(-1), 0);
  await reading;
  await set[Symbol.asyncDispose]();
  await assert.rejects(set.readInto([0], out.subarray(0, ROW_BYTES)), /is closed/);
});

Deno.test("readInto() says so when the file has been cut short meanwhile", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  await truncate(set.path, 10 * ROW_BYTES + 5);
  const out = new Uint8Array(ROW_BYTES);
  await set.readInto([9], out);
  await assert.rejects(set.readInto([10], out), (error) => {
    assert.ok(error instanceof TinctError);
    assert.equal(error.code, "data_loss");
    assert.match(error.message, /generated-16-.*\.rgb cannot be read \(it has become shorter\)/);
    return true;
  });
});
