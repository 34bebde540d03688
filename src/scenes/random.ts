const TWO_POW_32 = 4294967296;

/** Scrambles 32 bits (the finalizer of MurmurHash3, public domain). */
function scramble(bits: number): number {
  let h = bits | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A small seeded generator of random numbers: the counter-based SplitMix32 idea, a Weyl sequence whose
 * every term is scrambled. Only integer arithmetic, so a seed gives the same numbers on every machine.
 */
export class Random {
  #state: number;

  /** @param parts integers that together name the stream, such as a seed and an index. */
  constructor(...parts: number[]) {
    let state = 0x9e3779b9;
    for (const part of parts) {
      state = scramble(state ^ scramble(part | 0) ^ scramble(Math.floor(part / TWO_POW_32) + 1));
    }
    this.#state = state;
  }

  /** The next number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return (scramble(this.#state) >>> 0) / TWO_POW_32;
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + (to - from) * this.next();
  }

  /** An integer from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the choices, each as likely. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.next() * choices.length)];
    if (choice === undefined) throw new RangeError("There is nothing to pick from.");
    return choice;
  }
}
