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
