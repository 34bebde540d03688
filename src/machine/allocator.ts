import process from "node:process";
import { setInterval } from "node:timers";

/** Parameters of `mallopt` in glibc's malloc.h. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/** Messages, pieces of photos and pictures are as large. */
const LARGE_BYTES = 256 * 1024;
/** So much at the end of its memory the allocator keeps for what comes next. */
const KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Has the allocator give the memory of large buffers back to the system when they are freed.
 *
 * Left alone glibc does so only until the first such buffer is freed: it takes that for a sign that
 * others of its size will follow, and keeps their memory in pieces, up to 32 MiB a buffer
 * (mallopt(3), "dynamic mmap threshold"). A server that takes photos of 15 MiB in comes to several
 * times the memory of those that it has at a time.
 *
 * @returns false where the C library is another, or foreign functions are not allowed.
 */
export function giveLargeBuffersBack(): boolean {
  try {
    const libc = Deno.dlopen("libc.so.6", {
      mallopt: { parameters: ["i32", "i32"], result: "i32" },
    });
    const { mallopt } = libc.symbols;
    // Each sets its own threshold, and ends that glibc moves either.
    const isSet = mallopt(M_MMAP_THRESHOLD, LARGE_BYTES) === 1 &&
      mallopt(M_TRIM_THRESHOLD, KEPT_BYTES) === 1;
    libc.close();
    return isSet;
  } catch {
    return false;
  }
}

/** A process that has grown or shrunk by so much may keep memory that nobody uses. */
const CHANGED_BYTES = 32 * 1024 * 1024;

/**
 * Has the allocator give back what is free between pieces that are in use, until disposed of.
 *
 * What is freed in the middle of its memory glibc keeps for good: it gives back by itself only what
 * lies at the end. Each thread that allocates has such a memory of its own. So a process stays as
 * large as it once was, after a large photo or a flood of small messages. Its size is looked at, and
 * where that has changed the allocator is told to look for pages that are free (`malloc_trim`): on
 * another thread, as that takes a millisecond for some ten megabytes.
 *
 * Does nothing where the C library is another, or foreign functions are not allowed.
 */
export class FreedMemory implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #libc = openTrim();
  #rssBytes = 0;
  #isDisposed = false;
  #trimming: Promise<unknown> | undefined;

  /** @param options `everyMs`: how often the size is looked at, in milliseconds; a second by default. */
  constructor({ everyMs = 1000 }: { readonly everyMs?: number } = {}) {
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#isDisposed = true;
    if (this.#trimming === undefined) this.#libc?.close();
  }

  #look(): void {
    if (this.#libc === undefined || this.#trimming !== undefined) return;
    if (Math.abs(process.memoryUsage.rss() - this.#rssBytes) < CHANGED_BYTES) return;
    this.#trimming = this.#libc.symbols.malloc_trim(0n).then(() => {
      this.#trimming = undefined;
      this.#rssBytes = process.memoryUsage.rss();
      if (this.#isDisposed) this.#libc?.close();
    });
  }
}

function openTrim() {
  try {
    return Deno.dlopen("libc.so.6", {
      malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true },
    });
  } catch {
    return undefined;
  }
}
