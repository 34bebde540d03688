import { onAbort } from "../abort.ts";

/** The first sign of life of a stream comes after this time: it carries the answer's headers. */
const FIRST_SIGN_MS = 1000;

/** An answer that waits to be taken. */
interface Waiting<T> {
  readonly message: T;
  readonly taken: () => void;
}

/**
 * Between a handler, which hands answers over, and a library that asks for them: one waits at a time, so
 * that the handler goes at the client's pace. While the handler is silent the line gives signs of life.
 */
export class AnswerLine<T> {
  #waiting: Waiting<T> | undefined;
  #isOver = false;
  #wake = () => {};

  /** Hands an answer over, and waits until the next one is asked for. @throws the signal's reason. */
  async put(message: T, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using _listening = onAbort(signal, reject);
    this.#waiting = { message, taken: resolve };
    this.#wake();
    await promise;
  }

  /** No more answers come, or nobody takes them any more. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /**
   * The answers, up to the end.
   *
   * @param sign what is given where there was no answer for `everyMs`.
   */
  async *take(sign: () => T, everyMs: number): AsyncGenerator<T, void, undefined> {
    let silenceMs = Math.min(FIRST_SIGN_MS, everyMs);
    for (;;) {
      const waiting = this.#waiting;
      if (waiting !== undefined) {
        this.#waiting = undefined;
        silenceMs = everyMs;
        yield waiting.message;
        waiting.taken();
      } else if (this.#isOver) return;
      else if (await this.#isSilent(silenceMs)) {
        silenceMs = everyMs;
        yield sign();
      }
    }
  }

  /** @returns whether nothing came in time. */
  async #isSilent(waitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#wake = () => resolve(false);
    const timer = setTimeout(() => resolve(true), waitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}
