import { inOrder } from "../images/in_order.ts";
import { sha256Of } from "./photo_hashes.ts";
import { type PrepareProgress, ProgressReporter } from "./prepare_progress.ts";
import { bytesPerPicture, openPrepared, type PreparedSet } from "./prepared_set.ts";
import { PreparedWriter } from "./prepared_writer.ts";

/** How generated pictures are prepared. */
interface PrepareGeneratedOptions {
  /** How many, at least 1. */
  readonly count: number;
  /** Pixels along a side, 1 to 4096. */
  readonly size: number;
  /**
   * Names all that the pictures depend on: the generator, its version, its seed. Pictures of another
   * key are never taken for these.
   */
  readonly key: string;
  readonly cacheFolder: string;
  /** Pictures drawn at the same time, for a `draw` that waits for others; 1 when left out. */
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PrepareProgress) => void) | undefined;
}

/**
 * Draws pictures into a prepared file of the same form as that of photos, or opens the one that an
 * earlier run has drawn. None is left out for being gray.
 *
 * @param draw gives the picture of a number from 0 to count - 1: [size, size, 3], not to be changed
 *   afterwards. The same number and key must give the same pixels.
 * @returns the set, open; the caller's to dispose of. Its ids are made of the key and the number.
 * @throws {TinctError} resource_exhausted when the disk has no room; permission_denied.
 * @throws {RangeError} for a count or size out of range, or a picture of another size.
 */
export async function prepareGenerated(
  draw: (index: number) => Uint8Array | Promise<Uint8Array>,
  { count, size, key, cacheFolder, concurrency = 1, signal, onProgress }: PrepareGeneratedOptions,
): Promise<PreparedSet> {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`count is a whole number from 1, not ${count}.`);
  }
  if (!Number.isInteger(size) || size < 1 || size > 4096) {
    throw new RangeError(`size is 1 to 4096 pixels, not ${size}.`);
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency is a whole number from 1, not ${concurrency}.`);
  }
  const rowBytes = bytesPerPicture(size);
  const digest = sha256Of(JSON.stringify({ generated: key, count, size }));
  const base = `generated-${size}-${digest.slice(0, 16)}`;
  const existing = await openPrepared(cacheFolder, base, digest);
  if (existing) return existing;

  await using writer = await PreparedWriter.create(cacheFolder, count * (rowBytes + 200));
  const progress = new ProgressReporter(count, onProgress);
  const pictures = inOrder(
    count,
    async (index) => {
      const pixels = await draw(index);
      if (pixels.length === rowBytes) return pixels;
      throw new RangeError(`Picture ${index} has ${pixels.length} bytes; ${rowBytes} are needed.`);
    },
    { concurrency, ahead: concurrency * 2, signal },
  );
  for await (const pixels of pictures) {
    await writer.append(pixels);
    progress.advance();
  }
  signal?.throwIfAborted();
  const names = Array.from({ length: count }, (_, index) => `${key}/${index}`);
  return await writer.publish(base, {
    key: digest,
    size,
    names,
    ids: names,
    listed: count,
    unreadable: [],
    gray: [],
  });
}
