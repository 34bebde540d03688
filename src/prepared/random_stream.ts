import { createHash } from "node:crypto";

/**
 * A stream of random numbers that is the same for ever, on every machine: xoshiro128** 1.1 (Blackman
 * and Vigna, "Scrambled linear pseudorandom number generators", 2021), its state the first 16 bytes
 * of the SHA-256 of a text, as four little-endian words.
 */
export class RandomStream {
  readonly #state: Uint32Array;

  /** @param text what names the stream; other texts give unrelated streams. */
  constructor(text: string) {
    const digest = createHash("sha256").update(text).digest();
    this.#state = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at));
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  next(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** A number from 0 to bound - 1, each as likely as the others; bound is 1 to 2^32. */
  below(bound: number): number {
    // The last, incomplete run of `bound` numbers below 2^32 would favor the small ones.
    const fair = 2 ** 32 - (2 ** 32 % bound);
    let drawn = this.next();
    while (drawn >= fair) drawn = this.next();
    return drawn % bound;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
