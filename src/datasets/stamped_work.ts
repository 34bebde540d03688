import { SharedWork } from "./shared_work.ts";

/** Work on something as it was. */
interface Stamped<T> {
  /** Tells the thing as it was apart from what it has become. */
  readonly stamp: string;
  readonly work: SharedWork<T>;
}

/**
 * Work on things that change: begun once for all who ask for a thing as it is, kept, and begun anew when
 * the thing has changed or the work has failed. What was asked for longest ago is forgotten first.
 */
export class StampedWork<T> {
  readonly #most: number;
  /** The one that was asked for last is at the end. */
  readonly #kept = new Map<string, Stamped<T>>();

  /** @param most how many are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The work on a thing as it is now. @param begin see `SharedWork`. */
  of(key: string, stamp: string, begin: (signal: AbortSignal) => Promise<T>): SharedWork<T> {
    let found = this.#kept.get(key);
    if (found?.stamp !== stamp || found.work.hasFailed) {
      found = { stamp, work: new SharedWork(begin) };
    }
    this.#kept.delete(key);
    this.#kept.set(key, found);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
    }
    return found.work;
  }

  /** Keeps this work on a thing no longer; newer work on it stays. */
  forget(key: string, work: SharedWork<T>): void {
    if (this.#kept.get(key)?.work === work) this.#kept.delete(key);
  }
}
