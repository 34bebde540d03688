/** How far work runs ahead of its consumer. */
interface InOrderOptions {
  /** How many run at the same time, at least 1. */
  readonly concurrency: number;
  /** How many may be running or done but not yet taken; at least as many as run. */
  readonly ahead: number;
  /** Ends the iteration with its reason, after what runs has come to an end. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work(0)` to `work(count - 1)`, several at a time, and yields their results in order. One slow
 * piece holds up the results after it, but not the work, until `ahead` of them wait.
 *
 * When a piece fails its error is thrown in its turn. Whenever the iteration ends, no piece is still
 * running.
 */
export async function* inOrder<T>(
  count: number,
  work: (index: number) => Promise<T>,
  { concurrency, ahead, signal }: InOrderOptions,
): AsyncGenerator<T, void, void> {
  const started: Promise<T>[] = [];
  const waiting: (() => void)[] = [];
  let free = concurrency;
  let next = 0;
  let ended = false;

  async function runWhenFree(index: number): Promise<T> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      if (ended) throw new Error("The iteration has ended.");
      return await work(index);
    } finally {
      // A piece that waits takes over this one's place.
      const successor = waiting.shift();
      if (successor) successor();
      else free++;
    }
  }

  try {
    for (let taken = 0; taken < count; taken++) {
      while (next < count && started.length < ahead) {
        const piece = runWhenFree(next++);
        // It is awaited in its turn; until then a failure is not unhandled.
        piece.catch(() => {});
        started.push(piece);
      }
      signal?.throwIfAborted();
      yield await started.shift()!;
      signal?.throwIfAborted();
    }
  } finally {
    ended = true;
    await Promise.allSettled(started);
  }
}
