/** Lets a few at a time through: a browser has six connections to a server, for all of its pages. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param places how many may have a turn at a time. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Whether someone waits for a turn. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits for a turn. @returns what ends it. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    };
  }
}
