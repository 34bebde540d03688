import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";

/** Lets only so many in at a time; the others wait in the order of their coming. */
export class Turnstile {
  readonly #what: string;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /**
   * @param places how many may be in at a time, from 1.
   * @param waiting `most`: how many may wait; `what`: what they wait for, as "datasets that are looked at".
   */
  constructor(
    places: number,
    { what, most = Infinity }: { readonly what: string; readonly most?: number },
  ) {
    this.#free = places;
    this.#what = what;
    this.#maxWaiting = most;
  }

  /**
   * Waits for a place.
   *
   * @returns the place, which the caller disposes of.
   * @throws {TinctError} resource_exhausted where too many wait; the signal's reason.
   */
  async enter(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (!isIn) return;
        isIn = false;
        const next = this.#waiting.shift();
        if (next) next();
        else this.#free++;
      },
    };
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new TinctError(
        "resource_exhausted",
        `${this.#waiting.length} calls wait for ${this.#what} already; try again in a moment.`,
        { kind: "QUEUE_FULL" },
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    using _listening = onAbort(signal, (reason) => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(reason);
    });
    await promise;
  }
}
