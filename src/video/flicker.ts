import { boxBlur } from "./box_blur.ts";

/** A frame in colour, [size, size], in the units of L*a*b*. */
export interface LabFrame {
  /** Lightness, [size, size]. */
  readonly L: Float32Array;
  /** a and b, [size, size, 2]. */
  readonly ab: Float32Array;
}

/** Mean change of L*, over 5 x 5 pixels, under which lightness counts as still. */
const STILL = 1;

/** The mean change of colour from frame to frame where lightness did not change. */
export class Flicker {
  readonly #size: number;
  #sum = 0;
  #count = 0;

  /** @param size pixels along a side of the frames. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Takes in two frames that follow one another within a shot. */
  add(before: LabFrame, now: LabFrame): void {
    const changes = boxBlur(now.L.map((L, at) => Math.abs(L - before.L[at]!)), this.#size, 2);
    for (let at = 0; at < changes.length; at++) {
      if (changes[at]! >= STILL) continue;
      const a = now.ab[2 * at]! - before.ab[2 * at]!;
      const b = now.ab[2 * at + 1]! - before.ab[2 * at + 1]!;
      this.#sum += Math.hypot(a, b);
      this.#count++;
    }
  }

  /** In the units of a and b; NaN before any pixel was still. */
  get mean(): number {
    return this.#sum / this.#count;
  }

  /** Pixels that it is the mean of. */
  get pixels(): number {
    return this.#count;
  }
}
