import { setInterval } from "node:timers";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";

/** So much that outlived V8's young generation makes a collection worth its while. */
const WORTHWHILE_BYTES = 24 * 1024 * 1024;

/**
 * V8 begins to collect as soon as buffers have grown by so much since it last did (the soft limit of
 * `external_memory` in its heap, 64 MiB; Deno 2.9.3 has V8 14).
 */
const V8_LIMIT_BYTES = 64 * 1024 * 1024;

/** How collections are brought about. */
interface EarlyCollectionOptions {
  /** How often the heap is looked at, in milliseconds: a second by default. */
  readonly everyMs?: number;
}

/**
 * Has V8 collect what outlived its young generation before it would by itself, until disposed of.
 *
 * Left alone V8 waits until about 64 MiB of dead buffers hang on its old generation: messages, parts
 * of pictures, what belonged to connections. What the system's allocator took for them it keeps in
 * pieces, so a busy server grows to where the most garbage ever was, for hours.
 *
 * Nothing asks V8 for the kind of collection that goes on beside the program: `gc()` stops it for 50
 * ms and more, and the flags that set the limits must stand on the command line. But V8 begins one
 * when a large buffer comes. That is never written to, so it takes addresses and no memory, and goes
 * with the same collection.
 */
export class EarlyCollection implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  /** The least there was since the last collection was brought about. */
  #leastBytes = Infinity;

  constructor({ everyMs = 1000 }: EarlyCollectionOptions = {}) {
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const bytes = oldBytes();
    this.#leastBytes = Math.min(this.#leastBytes, bytes);
    if (bytes - this.#leastBytes < WORTHWHILE_BYTES) return;
    this.#leastBytes = bytes;
    try {
      void new ArrayBuffer(V8_LIMIT_BYTES);
    } catch (error) {
      // Where there are no addresses left V8 collects all it can before it says so.
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

/** Bytes of buffers, and of the heap but for its young generation; alive or not yet collected. */
function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith("new_"))
    .reduce((sum, space) => sum + space.space_used_size, getHeapStatistics().external_memory);
}
