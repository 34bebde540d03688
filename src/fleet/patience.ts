/** The least and the most between two looks at the clock, in milliseconds. */
const LEAST_LOOK_MS = 5, MOST_LOOK_MS = 1000;

/** A look that comes later than its time by so much more shows that this process did not run. */
const GAP_MS = 1000;

/**
 * A timer that counts only the time in which this process ran: what it waits for may have come while it
 * was stopped (SIGSTOP, a frozen container, a suspended machine), and is read only afterwards. A gap
 * of its own clock begins the waiting anew.
 */
export class Patience implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param timeoutMs how long it lasts.
   * @param onEnd is called once, when it is over.
   */
  constructor(timeoutMs: number, onEnd: () => void) {
    const lookMs = Math.min(MOST_LOOK_MS, Math.max(LEAST_LOOK_MS, timeoutMs / 4));
    let sinceMs = performance.now();
    let lastMs = sinceMs;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      const wasAway = nowMs - lastMs > lookMs + GAP_MS;
      lastMs = nowMs;
      if (wasAway) sinceMs = nowMs;
      if (nowMs - sinceMs < timeoutMs) return;
      this[Symbol.dispose]();
      onEnd();
    }, lookMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
