import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import { batches, type BatchesOptions, type DataCursor } from "../../src/prepared/batches.ts";
import { prepareGenerated } from "../../src/prepared/prepare_generated.ts";
import type { PhotoRows, PreparedSet } from "../../src/prepared/prepared_set.ts";
import { shuffled } from "../../src/prepared/shuffle.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const SIZE = 8;
const ROW_BYTES = SIZE * SIZE * 3;
const ALL = Uint32Array.from({ length: 10 }, (_, at) => at);

/** Pictures that tell their number: picture n is all n. */
function numbered(cacheFolder: string): Promise<PreparedSet> {
  const draw = (index: number) => new Uint8Array(ROW_BYTES).fill(index);
  return prepareGenerated(draw, { count: 10, size: SIZE, key: "numbers", cacheFolder });
}

interface Seen {
  pictures: number[];
  epoch: number;
  next: DataCursor;
}

/** The first batches of a stream, checked against the numbers that the pixels tell. */
async function take(
  count: number,
  set: PhotoRows,
  indices: Uint32Array,
  options: BatchesOptions,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { pixels, indices: pictures, epoch, next } of batches(set, indices, options)) {
    const told = pixels.every((value, at) => value === pictures[Math.floor(at / ROW_BYTES)]);
    const pictureCount = options.batchSize / (options.share?.count ?? 1);
    assert.ok(told && pixels.length === pictureCount * ROW_BYTES);
    seen.push({ pictures: [...pictures], epoch, next });
    if (seen.length === count) break;
  }
  return seen;
}

Deno.test("batches() gives each epoch in its own order and leaves out what is left over", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  const seen = await take(7, set, ALL, { batchSize: 3, seed: 5 });
  const [first, second] = [shuffled(ALL, 5, 0), shuffled(ALL, 5, 1)];
  assert.deepEqual(seen.slice(0, 6).flatMap(({ pictures }) => pictures), [
    ...first.subarray(0, 9),
    ...second.subarray(0, 9),
  ]);
  assert.deepEqual(seen.map(({ epoch }) => epoch), [0, 0, 0, 1, 1, 1, 2]);
  assert.deepEqual(seen.slice(0, 4).map(({ next }) => next), [
    { epoch: 0, offset: 3 },
    { epoch: 0, offset: 6 },
    { epoch: 1, offset: 0 },
    { epoch: 1, offset: 3 },
  ]);
});

Deno.test("batches() takes only the pictures it is given", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  const some = Uint32Array.from([9, 2, 5, 7]);
  const seen = await take(2, set, some, { batchSize: 4, seed: 1 });
  for (const { pictures } of seen) assert.deepEqual(pictures.toSorted(), [2, 5, 7, 9]);
});

for (const batchSize of [1, 3, 5, 10]) {
  Deno.test(`batches() of ${batchSize} go on from any cursor as if never stopped`, async () => {
    await using folder = await TemporaryFolder.create();
    await using set = await numbered(folder.path);
    const options = { batchSize, seed: 3 };
    const whole = await take(25, set, ALL, options);
    for (const stop of [1, 2, 9, 10, 11, 20]) {
      const start = whole[stop - 1]!.next;
      const rest = await take(25 - stop, set, ALL, { ...options, start, prefetch: 1 + stop % 4 });
      assert.deepEqual(rest, whole.slice(stop));
    }
  });
}

Deno.test("batches() in shares gives each its part of every batch", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  const start = { epoch: 1, offset: 4 };
  for (const count of [2, 4]) {
    const options = { batchSize: 4, seed: 3, start };
    const whole = await take(5, set, ALL, options);
    const shares: Seen[][] = [];
    for (let index = 0; index < count; index++) {
      shares.push(await take(5, set, ALL, { ...options, share: { index, count } }));
    }
    const joined = whole.map(({ epoch, next }, at) => ({
      pictures: shares.flatMap((share) => share[at]!.pictures),
      epoch,
      next,
    }));
    assert.deepEqual(joined, whole);
    for (const share of shares) {
      assert.deepEqual(share.map(({ epoch, next }) => ({ epoch, next })), [
        { epoch: 1, next: { epoch: 2, offset: 0 } },
        { epoch: 2, next: { epoch: 2, offset: 4 } },
        { epoch: 2, next: { epoch: 3, offset: 0 } },
        { epoch: 3, next: { epoch: 3, offset: 4 } },
        { epoch: 3, next: { epoch: 4, offset: 0 } },
      ]);
    }
  }
  for (const share of [{ index: 0, count: 3 }, { index: 2, count: 2 }]) {
    assert.throws(
      () => batches(set, ALL, { batchSize: 4, seed: 3, share }),
      new RangeError(`There is no share ${share.index} of ${share.count} of 4.`),
    );
  }
});

Deno.test("batches() goes on within the epoch when the batch size has changed", async () => {
  await using folder = await TemporaryFolder.create();
  await using set = await numbered(folder.path);
  const order = shuffled(ALL, 3, 2);
  const start = { epoch: 2, offset: 4 };
  const seen = await take(2, set, ALL, { batchSize: 5, seed: 3, start });
  assert.deepEqual(seen[0]!.pictures, [...order.subarray(4, 9)]);
  assert.equal(seen[1]!.epoch, 3);
  const atEnd = { epoch: 2, offset: 10 };
  assert.equal((await take(1, set, ALL, { batchSize: 5, seed: 3, start: atEnd }))[0]!.epoch, 3);
});

/** Lets everything happen that can happen without anyone's doing. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Rows in memory that note how they are read. */
class WatchedRows implements PhotoRows {
  readonly count = 10;
  readonly size = SIZE;
  readonly buffers = new Set<ArrayBufferLike>();
  reads = 0;
  underWay = 0;
  gate: Promise<void> = Promise.resolve();

  async readInto(indices: ArrayLike<number>, out: Uint8Array): Promise<void> {
    this.reads++;
    this.underWay++;
    this.buffers.add(out.buffer);
    try {
      await this.gate;
      for (let row = 0; row < indices.length; row++) {
        out.fill(indices[row]!, row * ROW_BYTES, (row + 1) * ROW_BYTES);
      }
    } finally {
      this.underWay--;
    }
  }
}

Deno.test("batches() reads so many ahead and no more, into the same buffers", async () => {
  const rows = new WatchedRows();
  const stream = batches(rows, ALL, { batchSize: 2, seed: 0, prefetch: 3 });
  assert.equal(rows.reads, 0, "nothing is read before it is asked for");
  await stream.next();
  assert.equal(rows.reads, 4, "one given out, three ahead");
  await stream.next();
  assert.equal(rows.reads, 5);
  for (let round = 0; round < 20; round++) await stream.next();
  assert.equal(rows.reads, 25);
  assert.equal(rows.buffers.size, 4);
  await stream.return();
});

Deno.test("batches() leaves a batch alone until the next one is asked for", async () => {
  const rows = new WatchedRows();
  await using stream = batches(rows, ALL, { batchSize: 2, seed: 0 });
  for (let round = 0; round < 12; round++) {
    const { value } = await stream.next();
    await settle();
    const { pixels, indices } = value!;
    assert.deepEqual([pixels[0], pixels.at(-1)], [...indices]);
  }
});

Deno.test("batches() has stopped reading once it is left", async () => {
  const rows = new WatchedRows();
  const gate = Promise.withResolvers<void>();
  const stream = batches(rows, ALL, { batchSize: 2, seed: 0 });
  await stream.next();
  rows.gate = gate.promise;
  await stream.next();
  let hasEnded = false;
  const ended = stream[Symbol.asyncDispose]().then(() => hasEnded = true);
  await settle();
  assert.deepEqual([hasEnded, rows.underWay], [false, 1]);
  gate.resolve();
  await ended;
  assert.equal(rows.underWay, 0);
});

Deno.test("batches() ends at its signal with the signal's reason, and stops reading", async () => {
  const rows = new WatchedRows();
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = batches(rows, ALL, { batchSize: 2, seed: 0, signal: controller.signal });
  await stream.next();
  controller.abort(reason);
  await assert.rejects(stream.next(), reason);
  assert.equal(rows.underWay, 0);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
});

Deno.test("batches() throws a failed read in its turn", async () => {
  const rows = new WatchedRows();
  const fine = rows.readInto.bind(rows);
  rows.readInto = (indices, out) =>
    rows.reads === 2 ? Promise.reject(new Error("a bad sector")) : fine(indices, out);
  const stream = batches(rows, ALL, { batchSize: 2, seed: 0 });
  await stream.next();
  await stream.next();
  await assert.rejects(stream.next(), /a bad sector/);
});

Deno.test("batches() refuses fewer pictures than a batch, naming both", () => {
  const rows = new WatchedRows();
  for (
    const [count, message] of [
      [3, /There are 3 photos to train on, fewer than one step takes \(4\); add photos, or choose/],
      [1, /There is 1 photo to train on, fewer than one step takes \(4\)/],
    ] as const
  ) {
    assert.throws(
      () => batches(rows, ALL.subarray(0, count), { batchSize: 4, seed: 0 }),
      (error) => {
        assert.ok(error instanceof TinctError);
        assert.equal(error.code, "invalid_argument");
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

Deno.test("batches() refuses numbers out of range", () => {
  const rows = new WatchedRows();
  const fine = { batchSize: 2, seed: 0 };
  for (
    const wrong of [
      { batchSize: 0 },
      { batchSize: 1.5 },
      { prefetch: 0 },
      { start: { epoch: 0, offset: -1 } },
      { start: { epoch: 0, offset: 11 } },
      { start: { epoch: -1, offset: 0 } },
      { seed: 0.5 },
    ]
  ) {
    assert.throws(
      () => batches(rows, ALL, { ...fine, ...wrong }),
      RangeError,
      JSON.stringify(wrong),
    );
  }
});
