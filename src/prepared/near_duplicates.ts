import { FINGERPRINT_BITS, FINGERPRINT_BYTES } from "./fingerprint.ts";

/** Near-duplicates differ in at most so many of the 144 bits … */
export const MAX_BITS_APART = 11;

/** … and in each mean colour by at most so many levels of 255. */
const MAX_COLOR_APART = 32;

/** Two fingerprints that differ in fewer bits than there are bands agree in one band at least. */
const BANDS = MAX_BITS_APART + 1;

const BAND_BITS = FINGERPRINT_BITS / BANDS;

const WORDS = Math.ceil(FINGERPRINT_BITS / 32);

const BIT_BYTES = FINGERPRINT_BITS / 8;

/**
 * Groups near-duplicates. Two pictures of a group may be further apart than the limits, with others
 * between them, as in a series of shots.
 *
 * Only pictures that agree in one of twelve bands of twelve bits are compared, which finds every pair
 * within the limits; each band's bits lie all over the picture, so that a common sky or a common
 * border does not put everything together.
 *
 * @param fingerprints [count * FINGERPRINT_BYTES], one after the other.
 * @returns the groups of two and more, each ascending, in the order of their first ones.
 */
export function groupNearDuplicates(fingerprints: Uint8Array): number[][] {
  const count = fingerprints.length / FINGERPRINT_BYTES;
  if (!Number.isInteger(count)) throw new RangeError("That is not a whole number of fingerprints.");
  const groups = new Groups(count);
  // Equal ones are one: of many copies only the first is compared with others.
  const firsts = distinctOf(fingerprints, count, groups);
  const words = wordsOf(fingerprints, count);
  for (let band = 0; band < BANDS; band++) {
    for (const bucket of bucketsOf(fingerprints, firsts, band)) {
      for (let i = 1; i < bucket.length; i++) {
        for (let j = 0; j < i; j++) {
          const [a, b] = [bucket[i]!, bucket[j]!];
          if (areNear(words, fingerprints, a, b)) groups.join(a, b);
        }
      }
    }
  }
  return groups.list();
}

function distinctOf(fingerprints: Uint8Array, count: number, groups: Groups): number[] {
  const seen = new Map<string, number>();
  const firsts: number[] = [];
  for (let index = 0; index < count; index++) {
    const at = index * FINGERPRINT_BYTES;
    const key = String.fromCharCode(...fingerprints.subarray(at, at + FINGERPRINT_BYTES));
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      firsts.push(index);
    } else groups.join(first, index);
  }
  return firsts;
}

/** The bits of all fingerprints as whole words: [count * WORDS]. */
function wordsOf(fingerprints: Uint8Array, count: number): Uint32Array {
  const words = new Uint32Array(count * WORDS);
  for (let index = 0; index < count; index++) {
    for (let byte = 0; byte < BIT_BYTES; byte++) {
      const value = fingerprints[index * FINGERPRINT_BYTES + byte]!;
      words[index * WORDS + (byte >> 2)]! |= value << (8 * (byte & 3));
    }
  }
  return words;
}

/** Those that agree in a band, where there are two or more. */
function bucketsOf(fingerprints: Uint8Array, indices: readonly number[], band: number): number[][] {
  const buckets: (number[] | undefined)[] = new Array(2 ** BAND_BITS);
  for (const index of indices) {
    let key = 0;
    for (let i = 0; i < BAND_BITS; i++) {
      const bit = band + i * BANDS;
      const byte = fingerprints[index * FINGERPRINT_BYTES + (bit >> 3)]!;
      key |= ((byte >> (bit & 7)) & 1) << i;
    }
    (buckets[key] ??= []).push(index);
  }
  return buckets.filter((bucket) => bucket !== undefined && bucket.length > 1) as number[][];
}

function areNear(words: Uint32Array, fingerprints: Uint8Array, a: number, b: number): boolean {
  let apart = 0;
  for (let word = 0; word < WORDS; word++) {
    apart += countBits(words[a * WORDS + word]! ^ words[b * WORDS + word]!);
    if (apart > MAX_BITS_APART) return false;
  }
  const [atA, atB] = [a * FINGERPRINT_BYTES, b * FINGERPRINT_BYTES];
  for (let byte = BIT_BYTES; byte < FINGERPRINT_BYTES; byte++) {
    const difference = fingerprints[atA + byte]! - fingerprints[atB + byte]!;
    if (difference > MAX_COLOR_APART || difference < -MAX_COLOR_APART) return false;
  }
  return true;
}

/** How many bits of 32 are set (H. S. Warren, "Hacker's Delight", 5-1). */
function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  bits = (bits + (bits >>> 4)) & 0x0f0f0f0f;
  return Math.imul(bits, 0x01010101) >>> 24;
}

/** Sets that grow together; each is named by its smallest member. */
class Groups {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, index) => index);
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.#rootOf(a), this.#rootOf(b)];
    this.#parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  list(): number[][] {
    const groups = new Map<number, number[]>();
    this.#parents.forEach((_, index) => {
      const root = this.#rootOf(index);
      const group = groups.get(root);
      if (group) group.push(index);
      else groups.set(root, [index]);
    });
    return [...groups.values()].filter(({ length }) => length > 1);
  }

  #rootOf(index: number): number {
    let root = index;
    while (this.#parents[root]! !== root) root = this.#parents[root]!;
    // The next lookup has a short way.
    for (let at = index; at !== root;) {
      const next = this.#parents[at]!;
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }
}
