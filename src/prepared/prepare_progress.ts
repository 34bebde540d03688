import { performance } from "node:perf_hooks";

/** How far preparing has come. */
export interface PrepareProgress {
  /** Pictures dealt with: prepared, unreadable or gray. */
  readonly done: number;
  readonly total: number;
  /** On average since the beginning. */
  readonly photosPerSecond: number;
  /** If it goes on like this; 0 at the end. */
  readonly secondsLeft: number;
}

const REPORT_EVERY_MS = 100;

/**
 * Counts and reports: at the first picture, at the last, and in between about ten times a second.
 */
export class ProgressReporter {
  readonly #total: number;
  readonly #report: ((progress: PrepareProgress) => void) | undefined;
  readonly #startedMs = performance.now();
  #reportedMs = -Infinity;
  #done = 0;

  constructor(total: number, report: ((progress: PrepareProgress) => void) | undefined) {
    this.#total = total;
    this.#report = report;
  }

  /** One more is done. */
  advance(): void {
    this.#done++;
    const nowMs = performance.now();
    if (this.#done < this.#total && nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#reportedMs = nowMs;
    // A first picture done within a tick of the clock has no finite speed.
    const seconds = Math.max(nowMs - this.#startedMs, 1) / 1000;
    const photosPerSecond = this.#done / seconds;
    this.#report?.({
      done: this.#done,
      total: this.#total,
      photosPerSecond,
      secondsLeft: (this.#total - this.#done) / photosPerSecond,
    });
  }
}
