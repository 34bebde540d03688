import assert from "assert";
import { setTimeout as passed } from "node:timers/promises";

/** What takes longer does not come, however busy the machine is: in seconds. */
export const PATIENCE_SECONDS = 120;

/**
 * A silence that no living worker comes to, not even while its start blocks it on a machine that is busy
 * with other programs: in seconds.
 */
export const SILENCE_SECONDS = 20;

/** How often a condition is looked at, in milliseconds. */
const LOOK_EVERY_MS = 10;

/**
 * Waits for a promise, but not for ever.
 *
 * @param what is waited for, as in "the server closes the connection".
 * @throws {AssertionError} that says what did not happen in time.
 */
export async function inTime<T>(
  promise: Promise<T>,
  what: string,
  seconds = PATIENCE_SECONDS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lateError(what, seconds)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for a promise for as long as there is news of it: how long much work takes is the machine's
 * matter, a silence is not.
 *
 * @param news changes with every sign of life, such as how many events have come.
 * @param what is waited for.
 * @param seconds of silence after which it does not come.
 * @throws {AssertionError} as `inTime`.
 */
export async function whileNews<T>(
  promise: Promise<T>,
  news: () => number,
  what: string,
  seconds = PATIENCE_SECONDS,
): Promise<T> {
  let [seen, sinceMs] = [news(), performance.now()];
  let timer: ReturnType<typeof setInterval> | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const now = news();
      if (now !== seen) [seen, sinceMs] = [now, performance.now()];
      else if (performance.now() - sinceMs > seconds * 1000) reject(lateError(what, seconds));
    }, LOOK_EVERY_MS);
  });
  try {
    return await Promise.race([promise, silent]);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Looks at a condition until it holds, but not for ever.
 *
 * @param holds may reject, which ends the wait.
 * @param what is waited for, as in "the worker has ended".
 * @throws {AssertionError} that says what did not happen in time.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  seconds = PATIENCE_SECONDS,
): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  while (!await holds()) {
    if (performance.now() > endMs) throw lateError(what, seconds);
    await passed(LOOK_EVERY_MS);
  }
}

function lateError(what: string, seconds: number): assert.AssertionError {
  return new assert.AssertionError({ message: `Not within ${seconds} s: ${what}` });
}
