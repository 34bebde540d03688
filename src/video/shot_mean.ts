import { lightnessAt } from "../hints/byte_colors.ts";
import { boxBlur } from "./box_blur.ts";
import { CutFinder } from "./cut_finder.ts";

/** Frames that a mean is over at most, as if: a second of film. */
const LONGEST = 24;

/** Change of lightness, L*, at which what was before counts 0.61 of what it did. */
const TOLERANCE = 4;

/**
 * How far from the mean, in units of a and b, a frame's colours may be before they count for a change,
 * and as much farther what was before counts 0.61 of what it did: of what moves without a change of
 * lightness colours must not lag behind.
 */
const WAVERING = 14;

/** How far around a pixel changes of lightness are averaged, pixels to each side. */
const REACH = 1;

/**
 * The colours of a shot, frame after frame: a recursive mean of what a model predicts for each frame
 * alone, pixel by pixel, which yields where lightness changed.
 *
 * Where nothing moves, the mean is over up to a second, and what a model wavers between frames goes.
 * Where something moved, or the colours are quite other ones, the frame's own count at once, so no
 * colour stays behind. A cut begins a new mean. Frames must come in their order. docs/decisions/0058 has the numbers.
 */
export class ShotMean {
  /** Pixels along a side of the squares that the model sees. */
  readonly size: number;
  readonly #cuts: CutFinder;
  /** Mean of a and b so far, [size, size, 2]. */
  readonly #ab: Float32Array;
  /** Lightness of the frame before, [size, size]. */
  #L: Float32Array;
  /** Frames that the mean at each pixel is over, from 1. */
  readonly #frames: Float32Array;
  #startsShot = false;

  /** @param size pixels along a side of the squares that the model sees. */
  constructor(size: number) {
    this.size = size;
    this.#cuts = new CutFinder(size);
    this.#ab = new Float32Array(size * size * 2);
    this.#L = new Float32Array(size * size);
    this.#frames = new Float32Array(size * size);
  }

  /** Whether the last frame began a shot. */
  get startsShot(): boolean {
    return this.#startsShot;
  }

  /**
   * Takes the next frame in.
   *
   * @param ab what the model predicts for it, [size, size, 2], in the units of L*a*b*.
   * @param square the frame as the model sees it, sRGB bytes, [size, size, 3].
   * @returns the frame's colours, of the shape of `ab`; they change with the next frame.
   */
  next(ab: Float32Array, square: Uint8Array): Float32Array {
    const pixels = this.size ** 2;
    const L = new Float32Array(pixels);
    for (let at = 0; at < pixels; at++) L[at] = lightnessAt(square, 3 * at);
    const before = this.#L;
    this.#L = L;
    this.#startsShot = this.#cuts.begins(L);
    if (this.#startsShot) {
      this.#ab.set(ab);
      this.#frames.fill(1);
      return this.#ab;
    }
    // What changes all over is the light or the exposure, not what is seen.
    const exposure = medianDifference(L, before);
    const mean = this.#ab;
    const changes = new Float32Array(pixels);
    const departures = new Float32Array(pixels);
    for (let at = 0; at < pixels; at++) {
      changes[at] = Math.abs(L[at]! - before[at]! - exposure);
      const a = ab[2 * at]! - mean[2 * at]!;
      const b = ab[2 * at + 1]! - mean[2 * at + 1]!;
      departures[at] = Math.sqrt(a * a + b * b);
    }
    const moved = boxBlur(changes, this.size, REACH);
    const departed = boxBlur(departures, this.size, REACH);
    for (let at = 0; at < pixels; at++) {
      const change = moved[at]! / TOLERANCE;
      const departure = Math.max(0, departed[at]! / WAVERING - 1);
      const kept = Math.exp(-(change * change + departure * departure) / 2);
      const frames = Math.min(LONGEST, 1 + kept * this.#frames[at]!);
      if (!(frames >= 1)) { // not a number came of a broken model, and would stay
        this.#frames[at] = 1;
        mean.set(ab.subarray(2 * at, 2 * at + 2), 2 * at);
        continue;
      }
      this.#frames[at] = frames;
      mean[2 * at]! += (ab[2 * at]! - mean[2 * at]!) / frames;
      mean[2 * at + 1]! += (ab[2 * at + 1]! - mean[2 * at + 1]!) / frames;
    }
    return this.#ab;
  }
}

/** Steps of an L* in which differences are counted. */
const STEPS = 4;

/** The median of a less b, both from 0 to 100 about, within a quarter. */
function medianDifference(a: Float32Array, b: Float32Array): number {
  const counts = new Uint32Array(2 * 128 * STEPS + 1);
  const middle = 128 * STEPS;
  for (let at = 0; at < a.length; at++) {
    const step = Math.round((a[at]! - b[at]!) * STEPS);
    counts[Math.min(Math.max(step + middle, 0), 2 * middle)]!++;
  }
  let seen = 0;
  const half = a.length / 2;
  const found = counts.findIndex((count) => (seen += count) >= half);
  return (found - middle) / STEPS;
}
