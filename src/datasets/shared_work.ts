import { unlessAborted } from "../abort.ts";

/** Work that several wait for: done once for all of them, and given up when nobody waits any more. */
export class SharedWork<T> {
  /** Settles when the work is over, however it ended; never rejects. */
  readonly ended: Promise<void>;
  readonly #result: Promise<T>;
  readonly #unwanted = new AbortController();
  #waiting = 0;
  #state: "under way" | "done" | "failed" = "under way";

  /** @param work begins at once; its signal is aborted when nobody waits for it. */
  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#unwanted.signal);
    this.ended = this.#result.then(
      () => void (this.#state = "done"),
      () => void (this.#state = "failed"), // those who wait hear of it
    );
  }

  /** Whether it failed or was given up; the next to come begins anew. */
  get hasFailed(): boolean {
    return this.#state === "failed" || this.#unwanted.signal.aborted;
  }

  /**
   * Waits for the result.
   *
   * @throws the signal's reason, then at once; what the work throws.
   */
  async join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    try {
      return await unlessAborted(this.#result, signal);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0 && this.#state === "under way") this.#unwanted.abort(signal?.reason);
    }
  }
}
