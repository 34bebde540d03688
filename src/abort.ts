import { setTimeout as pause } from "node:timers/promises";

/**
 * Acts once a signal is aborted: at once where it is already.
 *
 * @param act must not throw.
 * @returns takes the listener away; a signal outlives much of what listens to it.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  act: (reason: unknown) => void,
): Disposable {
  const listener = () => act(signal?.reason);
  if (signal?.aborted) listener();
  else signal?.addEventListener("abort", listener, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", listener) };
}

/**
 * Waits for a time, or until a signal is aborted.
 *
 * @returns whether to go on: false where it is aborted.
 */
export async function pauseUnlessAborted(
  durationMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  await pause(durationMs, undefined, { signal }).catch(() => {}); // by the signal alone
  return !signal.aborted;
}

/**
 * Waits for work until a signal is aborted. The work itself goes on, and its failure is then nobody's.
 *
 * @throws the signal's reason; what the work throws.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  using _listening = onAbort(signal, reject);
  return await Promise.race([aborted, work]);
}
