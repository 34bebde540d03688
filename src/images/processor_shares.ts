import { performance } from "node:perf_hooks";
import process from "node:process";

/** How often what was used is shared out, in milliseconds. */
const LOOK_EVERY_MS = 50;

/** A piece of work on a thread of its own, from its beginning to its end. */
export interface Share {
  /** Processor time that it has had, in milliseconds; an estimate. */
  readonly usedMs: number;
  /** It is over. */
  end(): void;
}

class Piece implements Share {
  usedMs = 0;
  readonly #end: (piece: Piece) => void;

  constructor(end: (piece: Piece) => void) {
    this.#end = end;
  }

  end(): void {
    this.#end(this);
  }
}

/**
 * Shares this process's processor time out among the pieces of native work that go on at a time: the
 * system tells the time of all threads together. Each gets its equal part, as the system's scheduler
 * gives it, and never more than the clock shows. So work on a busy machine is not taken for slow work.
 * Other work that keeps threads busy, such as a model's, takes a part for each of them.
 */
export class ProcessorShares {
  readonly #pieces = new Set<Piece>();
  /** Threads of other work; all of it has the same pool of them. */
  readonly #others = new Set<{ readonly threads: number }>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #usedMs = 0;
  #atMs = 0;
  readonly #onLook: () => void;

  /** @param onLook is called when the parts are known anew. */
  constructor(onLook: () => void) {
    this.#onLook = onLook;
  }

  /** A piece begins. */
  begin(): Share {
    this.#shareOut();
    const piece = new Piece((ended) => {
      this.#shareOut();
      this.#pieces.delete(ended);
      if (this.#pieces.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
    this.#pieces.add(piece);
    this.#timer ??= setInterval(() => {
      this.#shareOut();
      this.#onLook();
    }, LOOK_EVERY_MS);
    return piece;
  }

  /**
   * Other work of this process begins.
   *
   * @param threads on how many threads, which it shares with all other work. Where it keeps fewer of
   *   them busy, pieces beside it are charged too little.
   */
  beside(threads: number): Disposable {
    this.#shareOut();
    const other = { threads };
    this.#others.add(other);
    return {
      [Symbol.dispose]: () => {
        this.#shareOut();
        this.#others.delete(other);
      },
    };
  }

  #shareOut(): void {
    const { user, system } = process.cpuUsage();
    const [usedMs, atMs] = [(user + system) / 1000, performance.now()];
    const elapsedMs = atMs - this.#atMs;
    const otherThreads = Math.max(0, ...[...this.#others].map(({ threads }) => threads));
    const parts = Math.max(1, this.#pieces.size + otherThreads);
    const partMs = Math.min(elapsedMs, (usedMs - this.#usedMs) / parts);
    for (const piece of this.#pieces) piece.usedMs += partMs;
    [this.#usedMs, this.#atMs] = [usedMs, atMs];
  }
}
