/** In which a bucket fills again, unless it is told otherwise. */
const FILL_MS = 10_000;

/** Holds `size` tokens, and fills again in ten seconds, or as long as it is told. */
export class TokenBucket {
  readonly #size: number;
  readonly #nowMs: () => number;
  readonly #fillMs: number;
  #level: number;
  #filledMs: number;

  /** @param nowMs a clock that does not go back. */
  constructor(size: number, nowMs: () => number, fillMs = FILL_MS) {
    this.#fillMs = fillMs;
    this.#size = size;
    this.#nowMs = nowMs;
    this.#level = size;
    this.#filledMs = nowMs();
  }

  /** Whether it holds all its tokens. */
  get isFull(): boolean {
    this.#fill();
    return this.#level >= this.#size;
  }

  /** Whether it holds none. */
  get isEmpty(): boolean {
    this.#fill();
    return this.#level < 1;
  }

  /** @returns false where there is none left. */
  take(): boolean {
    if (this.#level < 1) this.#fill();
    if (this.#level < 1) return false;
    this.#level--;
    return true;
  }

  /** Gives tokens back; it never holds more than its size. */
  refund(tokens: number): void {
    this.#level = Math.min(this.#size, this.#level + tokens);
  }

  #fill(): void {
    if (this.#size === Infinity) return;
    const nowMs = this.#nowMs();
    this.refund((nowMs - this.#filledMs) / this.#fillMs * this.#size);
    this.#filledMs = nowMs;
  }
}
