import process from "node:process";
import { setInterval } from "node:timers";
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** So much that outlived V8's young generation makes a collection worth its while. */
const WORTHWHILE_BYTES = 24 * 1024 * 1024;

/**
 * So many times as much is left to V8 in a program that is small: where a processor is free, it
 * collects beside the program, which is not stopped then.
 */
const PATIENCE = 3;

/** The most of the program's processor time that collections take. */
const MAX_PART = 1 / 10;

/** How collections are brought about. */
interface EarlyCollectionOptions {
  /** How often the heap is looked at, in milliseconds: half a second by default. */
  readonly everyMs?: number;
  /** Memory of the program from which on it is no longer small: 256 MiB by default. */
  readonly largeBytes?: number;
}

/**
 * Has V8 collect what outlived its young generation before it would by itself, until disposed of.
 *
 * Left alone V8 lets a heap grow to several times what is alive in it, and waits until 64 MiB of dead
 * buffers hang on it: messages, parts of pictures, what belonged to connections. It then collects
 * beside the program. Where the program leaves no processor free that comes to no end, and the heap
 * goes on growing: to 280 MB where 25 were alive. So where garbage has come together the program is
 * stopped until it is collected: for some 4 ms of processor time a megabyte that is alive, and for a
 * tenth of what the program takes at most. That is counted in processor time: on a busy machine both
 * garbage and collections come slower. V8 gives pages back then that it keeps otherwise, those of its
 * young generation among them.
 *
 * Does nothing where the runtime does not let programs collect.
 */
export class EarlyCollection implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #collect = collector();
  readonly #largeBytes: number;
  /** The least there was since the last collection that was brought about. */
  #leastBytes = Infinity;
  /** Processor time of the program before which nothing is collected. */
  #nextMs = 0;

  constructor({ everyMs = 500, largeBytes = 256 * 1024 * 1024 }: EarlyCollectionOptions = {}) {
    this.#largeBytes = largeBytes;
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const bytes = oldBytes();
    this.#leastBytes = Math.min(this.#leastBytes, bytes);
    const isSmall = process.memoryUsage.rss() < this.#largeBytes;
    if (bytes - this.#leastBytes < WORTHWHILE_BYTES * (isSmall ? PATIENCE : 1)) return;
    const startedMs = processorMs();
    if (startedMs < this.#nextMs) return;
    this.#collect?.();
    const endedMs = processorMs();
    this.#nextMs = endedMs + (endedMs - startedMs) / MAX_PART;
    this.#leastBytes = oldBytes();
  }
}

/** What has V8 collect at once; undefined where the runtime does not let programs have it. */
function collector(): (() => void) | undefined {
  try {
    setFlagsFromString("--expose-gc");
    // Contexts that are made from now on have it.
    const gc: unknown = runInNewContext("gc");
    return typeof gc === "function" ? () => void gc() : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of buffers, and of the heap but for its young generation; alive or not yet collected. */
function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith("new_"))
    .reduce((sum, space) => sum + space.space_used_size, getHeapStatistics().external_memory);
}

/** Processor time of all the program's threads. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
