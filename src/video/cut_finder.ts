/** Pixels along a side of the thumbnails that frames are compared by, about. */
const THUMBNAIL = 64;

/** Mean change of lightness, L*, from which on a frame may begin a shot. */
const LEAST_CHANGE = 6;

/** How many times the usual change of the shot it must be, too. */
const UNUSUAL = 3;

/** Changes that the usual one is the median of. */
const REMEMBERED = 8;

/**
 * Finds the frames that begin a shot, from lightness alone and without looking ahead: those that differ
 * in small, the change of the mean left out, so that a flash or a lamp's flicker is no cut.
 */
export class CutFinder {
  readonly #size: number;
  readonly #factor: number;
  #before: Float32Array | undefined;
  #changes: number[] = [];

  /** @param size pixels along a side of the frames, squashed to squares. */
  constructor(size: number) {
    this.#size = size;
    this.#factor = Math.max(1, Math.floor(size / THUMBNAIL));
  }

  /** @param L lightness of the next frame, 0 to 100, [size, size]. @returns whether a shot begins. */
  begins(L: Float32Array): boolean {
    const now = this.#thumbnail(L);
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return true;
    const change = meanChange(before, now);
    const isCut = change > LEAST_CHANGE && change > UNUSUAL * medianOf(this.#changes);
    this.#changes = isCut ? [] : [...this.#changes, change].slice(-REMEMBERED);
    return isCut;
  }

  /** Means of blocks, less the mean of all. */
  #thumbnail(L: Float32Array): Float32Array {
    const factor = this.#factor;
    const side = Math.floor(this.#size / factor);
    const means = new Float32Array(side * side);
    let sum = 0;
    // Plain loops here and below: a frame of a video has some ten milliseconds.
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let block = 0;
        for (let row = y * factor; row < (y + 1) * factor; row++) {
          const from = row * this.#size + x * factor;
          for (let at = from; at < from + factor; at++) block += L[at]!;
        }
        means[y * side + x] = block / factor ** 2;
        sum += block / factor ** 2;
      }
    }
    const mean = sum / means.length;
    for (let at = 0; at < means.length; at++) means[at]! -= mean;
    return means;
  }
}

function meanChange(before: Float32Array, now: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < now.length; at++) sum += Math.abs(now[at]! - before[at]!);
  return sum / now.length;
}

/** 0 of none. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
