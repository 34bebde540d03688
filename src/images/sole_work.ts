let atWork = 0;
let begun = 0;

/** What became of work, and whether it alone was at work from its beginning to its end. */
interface SoleWork<T> {
  readonly result: PromiseSettledResult<T>;
  readonly wasAlone: boolean;
}

/**
 * Runs work of the photo library and tells whether no other ran meanwhile. All of it writes into one log
 * of errors: what stands there after a failure is about this work only if it was alone.
 */
export async function watchAlone<T>(work: () => Promise<T>): Promise<SoleWork<T>> {
  const isFirst = atWork === 0;
  const turn = ++begun;
  atWork++;
  try {
    const [result] = await Promise.allSettled([work()]);
    return { result, wasAlone: isFirst && begun === turn };
  } finally {
    atWork--;
  }
}
