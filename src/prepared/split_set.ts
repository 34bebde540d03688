import { createHash } from "node:crypto";

/** Which pictures are trained on and which are kept to judge by; ascending, without overlap. */
export interface Split {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Splits pictures into training and validation.
 *
 * Each picture decides for itself: the SHA-256 of the seed and its id, as a number from 0 to 1, is
 * below `validationFraction` or not. So a picture stays on its side when others come or go, and
 * copies of one photo under two names are never on both sides; the price is that the share of
 * validation pictures only tends to the fraction (100 ± 19 of 1000 at 0.1, nineteen times in twenty).
 * Two exceptions keep small sets usable: there is at least one training picture, and of two pictures
 * or more with a fraction above 0 at least one validation picture, the ones with the highest and the
 * lowest number, with their copies, where the numbers alone say otherwise.
 *
 * @param ids what tells each picture's content apart: PreparedSet.ids.
 * @param options `seed`: an integer; `validationFraction`: 0 up to, but not including, 1.
 */
export function splitSet(
  ids: readonly string[],
  { seed, validationFraction }: { seed: number; validationFraction: number },
): Split {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed is an integer, not ${seed}.`);
  if (!(validationFraction >= 0 && validationFraction < 1)) {
    throw new RangeError(`validationFraction is 0 to below 1, not ${validationFraction}.`);
  }
  const draws = Float64Array.from(ids, (id) => drawOf(seed, id));
  const lowest = draws.reduce((a, b) => Math.min(a, b), 1);
  const highest = draws.reduce((a, b) => Math.max(a, b), 0);
  // Only copies of one picture draw the same number: they cannot be told apart, nor be split.
  const mustHaveBoth = validationFraction > 0 && lowest < highest;
  const isValidation = (draw: number) =>
    draw < highest && (draw < validationFraction || (mustHaveBoth && draw === lowest));
  const train: number[] = [];
  const validation: number[] = [];
  draws.forEach((draw, index) => (isValidation(draw) ? validation : train).push(index));
  return { train: Uint32Array.from(train), validation: Uint32Array.from(validation) };
}

/** Counts pictures, as they come, that `splitSet` trains on whatever others come after them. */
export class TrainedCount {
  readonly #seed: number;
  readonly #validationFraction: number;
  #lowest = 1;
  #above = 0;
  /** Of `#above`, those with the lowest number, which may be kept for validation. */
  #atLowest = 0;

  constructor({ seed, validationFraction }: Parameters<typeof splitSet>[1]) {
    this.#seed = seed;
    this.#validationFraction = validationFraction;
  }

  /** @returns how many there are with this one. */
  add(id: string): number {
    const draw = drawOf(this.#seed, id);
    const isAbove = draw >= this.#validationFraction;
    if (isAbove) this.#above++;
    if (draw < this.#lowest) {
      this.#lowest = draw;
      this.#atLowest = 0;
    }
    if (isAbove && draw === this.#lowest) this.#atLowest++;
    return this.#validationFraction === 0 ? this.#above : this.#above - this.#atLowest;
  }
}

/** A number from 0 to below 1, spread evenly over all ids. */
function drawOf(seed: number, id: string): number {
  const digest = createHash("sha256").update(`tinct split ${seed} ${id}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
