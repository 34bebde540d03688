/** How fast training goes: of the last steps, so that it follows changes. */
export class Pace {
  readonly #batchSize: number;
  readonly #now: () => number;
  /** Milliseconds of the last steps. */
  readonly #steps: number[] = [];
  #startedMs: number;
  #hasTraced = false;

  /** @param now a clock in milliseconds. */
  constructor(batchSize: number, now: () => number) {
    this.#batchSize = batchSize;
    this.#now = now;
    this.#startedMs = now();
  }

  /** A step has ended. The first one, which traces, does not count for the rate once others do. */
  mark(stepsLeft: number): { imagesPerSecond: number; secondsLeft: number } {
    if (this.#steps.length === 1 && !this.#hasTraced) {
      this.#steps.pop();
      this.#hasTraced = true;
    }
    this.#steps.push(this.#now() - this.#startedMs);
    if (this.#steps.length > 50) this.#steps.shift();
    const meanMs = this.#steps.reduce((sum, ms) => sum + ms, 0) / this.#steps.length;
    this.resume();
    return {
      imagesPerSecond: 1000 * this.#batchSize / meanMs,
      secondsLeft: stepsLeft * meanMs / 1000,
    };
  }

  /** What happened since the last step, such as a validation, is not the next step's time. */
  resume(): void {
    this.#startedMs = this.#now();
  }
}
