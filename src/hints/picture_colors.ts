import { chromaAt } from "./byte_colors.ts";

/** The part of pixels by which a cast is told: the least colourful ones, which should be gray. */
const CALM_PART = 0.4;

/**
 * Pixels that are looked at, at most, one from each of so many equal stretches of the picture: their
 * colourfulness is within 2% of the whole picture's, and they take a millisecond or two.
 */
const MOST_PIXELS = 16_384;

/** Where in its stretch a pixel is taken, from one to the next, so that columns are not met in step. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Colourfulness below which a picture looks gray: Hasler & Suesstrunk's viewers called 15 slight. */
const NEARLY_GRAY = 7;

/** How far a cast lies from gray when it can be seen, in a* and b*. */
const SEEN_CAST = 6;

/** What a person would see of a picture's colours. */
export interface PictureColors {
  /** Hasler & Suesstrunk's M3, from 0 for grays; see `colorfulness` of src/color. */
  readonly colorfulness: number;
  /** a* and b* that what should be gray has; near 0 where there is no cast. */
  readonly cast: { readonly a: number; readonly b: number };
  readonly isNearlyGray: boolean;
}

/** Looks at a picture. @param rgb sRGB bytes, 3 a pixel, at least one pixel. */
export function colorsOf(rgb: Uint8Array): PictureColors {
  const pixels = rgb.length / 3;
  const count = Math.min(pixels, MOST_PIXELS);
  const ab = new Float32Array(2 * count);
  let [sum, squares, otherSum, otherSquares] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const within = count === pixels ? 0 : (i * GOLDEN) % 1;
    const at = 3 * Math.floor((i + within) * pixels / count);
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    const redGreen = red - green;
    sum += redGreen;
    squares += redGreen * redGreen;
    const yellowBlue = (red + green) / 2 - blue;
    otherSum += yellowBlue;
    otherSquares += yellowBlue * yellowBlue;
    const { a, b } = chromaAt(rgb, at);
    ab[2 * i] = a;
    ab[2 * i + 1] = b;
  }
  const [mean, otherMean] = [sum / count, otherSum / count];
  const variances = Math.max(0, squares / count - mean ** 2) +
    Math.max(0, otherSquares / count - otherMean ** 2);
  const colorfulness = Math.sqrt(variances) + 0.3 * Math.hypot(mean, otherMean);
  return { colorfulness, cast: castOf(ab), isNearlyGray: colorfulness < NEARLY_GRAY };
}

/**
 * Whether a cast is most of what colour there is. A cast alone says little: of a meadow all is green,
 * and the least colourful 40% of a cup of coffee on a table lie 23 from gray.
 */
export function isMostlyCast({ cast, colorfulness }: PictureColors): boolean {
  const length = Math.hypot(cast.a, cast.b);
  return length >= SEEN_CAST && length >= colorfulness / 2;
}

/**
 * The cast of colours: the median of a* and of b* over the least colourful 40% of them.
 *
 * @param ab [pixels, 2], at least one pixel.
 */
export function castOf(ab: Float32Array): { readonly a: number; readonly b: number } {
  const count = ab.length / 2;
  const chroma = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const square = ab[2 * i]! ** 2 + ab[2 * i + 1]! ** 2;
    chroma[i] = Number.isNaN(square) ? Infinity : square; // of a broken model
  }
  const limit = nth(chroma.slice(), Math.ceil(CALM_PART * count) - 1);
  const [a, b] = [new Float32Array(count), new Float32Array(count)];
  let calm = 0;
  for (let i = 0; i < count; i++) {
    if (chroma[i]! > limit) continue;
    a[calm] = ab[2 * i]!;
    b[calm] = ab[2 * i + 1]!;
    calm++;
  }
  return { a: nth(a.subarray(0, calm), calm >> 1), b: nth(b.subarray(0, calm), calm >> 1) };
}

/**
 * The value that would stand at an index if the values were sorted (Hoare, 1961, "Algorithm 65: Find").
 *
 * @param values at least one; their order changes. @param index from 0.
 */
function nth(values: Float32Array, index: number): number {
  let [first, last] = [0, values.length - 1];
  while (first < last) {
    const middle = values[(first + last) >> 1]!;
    let [up, down] = [first, last];
    while (up <= down) {
      while (values[up]! < middle) up++;
      while (values[down]! > middle) down--;
      if (up > down) break;
      [values[up], values[down]] = [values[down]!, values[up]!];
      up++;
      down--;
    }
    if (index <= down) last = down;
    else if (index >= up) first = up;
    else break;
  }
  return values[index]!;
}

/**
 * Takes the cast off colours, in a few steps: without it other ones are the least colourful.
 *
 * @returns [pixels, 2]; the caller's own.
 */
export function withoutCast(ab: Float32Array): Float32Array<ArrayBuffer> {
  const clear = Float32Array.from(ab);
  for (let step = 0; step < 8; step++) {
    const { a, b } = castOf(clear);
    if (Math.hypot(a, b) < 0.5) break;
    clear.forEach((value, index) => clear[index] = value - (index % 2 === 0 ? a : b));
  }
  return clear;
}
