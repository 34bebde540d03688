import { unlessAborted } from "../abort.ts";

/** The first sign of life of a stream comes after this time: it carries the answer's headers. */
const FIRST_SIGN_MS = 1000;

/** Writes bytes to a client. @returns waits until it has taken enough of them; undefined: it has. */
type WriteBytes = (bytes: Uint8Array) => Promise<void> | undefined;

/** When a stream that has nothing to say gives signs of life. */
interface Signs {
  /** A message that says nothing. */
  readonly sign: () => Uint8Array;
  /** After so long without a word, in ms. */
  readonly everyMs: number;
}

/**
 * The messages of a stream on their way to a client, written as they come and at the pace at which it
 * takes them. They pass the library that speaks the protocol by: of a message that goes to many, the
 * same bytes are written to all. Disposing of it ends the signs of life.
 */
export class AnswerStream implements Disposable {
  readonly #signs: Signs;
  readonly #opened = Promise.withResolvers<WriteBytes>();
  #write: WriteBytes | undefined;
  /** A message that the client has not taken all of. */
  #writing: Promise<void> | undefined;
  #isOver = false;
  #lastMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signs: Signs) {
    this.#signs = signs;
  }

  /** The answer's head has been written; now messages can follow. */
  open(write: WriteBytes): void {
    const { everyMs } = this.#signs;
    this.#lastMs = performance.now() + Math.min(FIRST_SIGN_MS, everyMs) - everyMs;
    this.#write = write;
    this.#opened.resolve(write);
    this.#watch();
  }

  /**
   * Hands a message over, and waits until the next one may come. One at a time.
   *
   * @throws the signal's reason; what `write` throws.
   */
  async put(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const write = this.#write ?? await unlessAborted(this.#opened.promise, signal);
    this.#lastMs = performance.now();
    const written = write(bytes);
    if (written === undefined) return;
    this.#writing = written.finally(() => {
      this.#writing = undefined;
      this.#lastMs = performance.now();
    });
    await unlessAborted(this.#writing, signal);
  }

  /**
   * Waits until the message under way is written: also one whose call was aborted in its midst, so that
   * the end of the answer follows the whole of it.
   *
   * @throws what `write` throws.
   */
  async written(): Promise<void> {
    await this.#writing;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** One timer for all messages: it looks how long the last one is ago. */
  #watch(): void {
    if (this.#isOver) return;
    const { sign, everyMs } = this.#signs;
    const leftMs = this.#lastMs + everyMs - performance.now();
    this.#timer = setTimeout(() => {
      const nowMs = performance.now();
      if (nowMs - this.#lastMs >= everyMs) {
        this.#lastMs = nowMs;
        // What goes wrong with it also ends the call.
        if (!this.#writing) this.#write?.(sign())?.catch(() => {});
      }
      this.#watch();
    }, Math.max(1, leftMs));
  }
}
