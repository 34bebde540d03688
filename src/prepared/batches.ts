import { TinctError } from "../errors.ts";
import { counted } from "../words.ts";
import { bytesPerPicture, type PhotoRows } from "./prepared_set.ts";
import { shuffled } from "./shuffle.ts";

/** A place in the endless sequence of batches: what a checkpoint keeps to go on from there. */
export interface DataCursor {
  /** From 0. */
  readonly epoch: number;
  /** How many pictures of the epoch's order are behind it. */
  readonly offset: number;
}

/** Some pictures to train on. */
export interface Batch {
  /**
   * [batchSize, size, size, 3], uint8 RGB; of a share, [batchSize / count, size, size, 3]. The
   * stream's own memory: it holds this batch until the next one is asked for, then another.
   */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Which pictures of the set they are. */
  readonly indices: Uint32Array;
  /** The epoch they belong to. */
  readonly epoch: number;
  /** Where the stream stands after this batch. */
  readonly next: DataCursor;
}

/** Which share of every batch is read. */
export interface BatchShare {
  /** Which one, from 0. */
  readonly index: number;
  /** How many equal shares there are; a divisor of the batch size. */
  readonly count: number;
}

/** Which batches, and how they are read. */
export interface BatchesOptions {
  /** Pictures a batch, at least 1. */
  readonly batchSize: number;
  /** Read this share of every batch alone; all of it when left out. */
  readonly share?: BatchShare | undefined;
  /** An integer; it decides the order of every epoch. */
  readonly seed: number;
  /** Where to begin; the first epoch when left out. */
  readonly start?: DataCursor | undefined;
  /** How many batches are read ahead of the one that was given out; 3 when left out. */
  readonly prefetch?: number | undefined;
  /** Ends the stream with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * An endless stream of batches, epoch after epoch, each in an order of its own. It is read ahead, so
 * that a training step need not wait for the disk, into `prefetch + 1` buffers that are used in turn.
 *
 * All batches have the same size, for which the training step was compiled: the pictures that are
 * left over at the end of an epoch, fewer than a batch, are left out of it; in another epoch it will
 * be others.
 *
 * A stream that starts where another one stood (Batch.next) gives exactly what that one would have
 * given next. The batch size may change in between.
 *
 * Reading begins with the first batch that is asked for, and has ended once the iteration is over,
 * whether by `break`, `return()`, `await using`, an error or the signal; then the set may be closed.
 *
 * @param set where the pictures are read; it must stay open.
 * @param indices which of its pictures.
 * @throws {TinctError} invalid_argument when there are fewer pictures than a batch takes; while it
 *   runs, what the set's readInto throws.
 * @throws {RangeError} for a batch size, prefetch or start out of range.
 */
export function batches(
  set: PhotoRows,
  indices: ArrayLike<number>,
  options: BatchesOptions,
): AsyncGenerator<Batch, void, void> {
  const { batchSize, seed, start = { epoch: 0, offset: 0 }, prefetch = 3, signal } = options;
  const { share = { index: 0, count: 1 } } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize is a whole number from 1, not ${batchSize}.`);
  }
  if (!Number.isInteger(prefetch) || prefetch < 1) {
    throw new RangeError(`prefetch is a whole number from 1, not ${prefetch}.`);
  }
  if (!Number.isInteger(start.offset) || start.offset < 0 || start.offset > indices.length) {
    throw new RangeError(`start.offset is 0 to ${indices.length}, not ${start.offset}.`);
  }
  if (batchSize % share.count !== 0 || !(share.index >= 0 && share.index < share.count)) {
    throw new RangeError(`There is no share ${share.index} of ${share.count} of ${batchSize}.`);
  }
  if (indices.length < batchSize) {
    throw new TinctError(
      "invalid_argument",
      `There ${indices.length === 1 ? "is" : "are"} ${
        counted(indices.length, "photo")
      } to train on, fewer than one step takes (${batchSize}); add photos, or ` +
        "choose a smaller batch, or fewer accumulated batches or replicas.",
    );
  }
  // Nothing to shuffle: it refuses a seed or an epoch out of range now, not with the first batch.
  shuffled([], seed, start.epoch);
  const plan = planBatches(Uint32Array.from(indices), { batchSize, seed, start, share });
  const batchBytes = batchSize / share.count * bytesPerPicture(set.size);
  return readAhead(set, plan, batchBytes, prefetch, signal);
}

type PlannedBatch = Omit<Batch, "pixels">;

function* planBatches(
  indices: Uint32Array,
  { batchSize, seed, start, share }: {
    readonly batchSize: number;
    readonly seed: number;
    readonly start: DataCursor;
    readonly share: BatchShare;
  },
): Generator<PlannedBatch, never, void> {
  let { epoch, offset } = start;
  const sharePictures = batchSize / share.count;
  const from = share.index * sharePictures;
  for (;;) {
    const order = shuffled(indices, seed, epoch);
    while (offset + batchSize <= order.length) {
      const batch = order.subarray(offset + from, offset + from + sharePictures);
      offset += batchSize;
      const isLast = offset + batchSize > order.length;
      const next = isLast ? { epoch: epoch + 1, offset: 0 } : { epoch, offset };
      yield { indices: batch, epoch, next };
    }
    epoch++;
    offset = 0;
  }
}

async function* readAhead(
  set: PhotoRows,
  plan: Generator<PlannedBatch, never, void>,
  batchBytes: number,
  prefetch: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void, void> {
  const free: Uint8Array<ArrayBuffer>[] = [];
  const reading: Promise<Batch>[] = [];

  function startReading(): void {
    const pixels = free.pop() ?? new Uint8Array(batchBytes);
    const planned = plan.next().value;
    const read = set.readInto(planned.indices, pixels).then(() => ({ ...planned, pixels }));
    // It is awaited in its turn; until then a failure is not unhandled.
    read.catch(() => {});
    reading.push(read);
  }

  try {
    for (;;) {
      signal?.throwIfAborted();
      while (reading.length < prefetch) startReading();
      const batch = await reading.shift()!;
      signal?.throwIfAborted();
      // One more may be read while this one is in use.
      startReading();
      yield batch;
      free.push(batch.pixels);
    }
  } finally {
    await Promise.allSettled(reading);
  }
}
