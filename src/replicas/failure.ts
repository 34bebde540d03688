import type { TinctError } from "../errors.ts";

/** Why replicas cannot go on, once they cannot: the first reason stays. */
export class Failure {
  readonly #listeners = new Set<(reason: TinctError) => void>();
  #reason: TinctError | undefined;

  /** Undefined while they can. */
  get reason(): TinctError | undefined {
    return this.#reason;
  }

  /** Sets the reason, unless there is one. */
  set(reason: TinctError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener(reason);
  }

  /**
   * Tells of the failure, at once where there is one already.
   *
   * @returns takes the listener away.
   */
  listen(listener: (reason: TinctError) => void): () => void {
    if (this.#reason !== undefined) {
      listener(this.#reason);
      return () => {};
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The reason, waiting for one at most so long. */
  within(timeoutMs: number): Promise<TinctError | undefined> {
    return new Promise((resolve) => {
      let stop = () => {};
      const timer = setTimeout(() => {
        stop();
        resolve(undefined);
      }, timeoutMs);
      stop = this.listen((reason) => {
        clearTimeout(timer);
        resolve(reason);
      });
    });
  }
}
