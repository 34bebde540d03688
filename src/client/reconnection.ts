import { setTimeout as pause } from "node:timers/promises";
import { TinctError } from "../errors.ts";

/** Calls a server again after a lost connection, with longer and longer pauses in between. */
export class Reconnection {
  readonly #retries: number;
  readonly #signal: AbortSignal;
  #attempts = 0;

  /** @param options `retries`: how often without anything received in between. */
  constructor(
    { retries, signal }: { readonly retries: number; readonly signal: AbortSignal },
  ) {
    this.#retries = retries;
    this.#signal = signal;
  }

  /** Something was received. */
  succeeded(): void {
    this.#attempts = 0;
  }

  /**
   * Waits until it is time to call again.
   *
   * @param error what ended the call, as `ServiceClient.explain` gives it.
   * @param say told why, before the pause.
   * @throws `error`, where another call would not fare better, or enough were made; the signal's
   *   reason.
   */
  async pauseAfter(error: unknown, say: (why: string) => void): Promise<void> {
    this.#signal.throwIfAborted();
    if (!isPassing(error) || this.#attempts >= this.#retries) throw error;
    this.#attempts++;
    say(`${error.message.replace(/[^.]$/, "$&.")} Reconnecting.`);
    const ms = Math.min(5000, 250 * 2 ** Math.min(this.#attempts, 5));
    await pause(ms, undefined, { signal: this.#signal });
  }
}

function isPassing(error: unknown): error is TinctError {
  return error instanceof TinctError &&
    ["unavailable", "resource_exhausted", "deadline_exceeded"].includes(error.code);
}
