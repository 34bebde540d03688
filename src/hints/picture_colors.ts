import { chromaAt } from "./byte_colors.ts";

/** The part of pixels by which a cast is told: the least colourful ones, which should be gray. */
const CALM_PART = 0.4;

/** Pixels that are looked at, at most, evenly spread. */
const MOST_PIXELS = 65_536;

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
  const opponents = { redGreen: new Moments(), yellowBlue: new Moments() };
  for (let i = 0; i < count; i++) {
    const at = 3 * Math.floor((i + 0.5) * pixels / count);
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    opponents.redGreen.add(red - green);
    opponents.yellowBlue.add((red + green) / 2 - blue);
    const { a, b } = chromaAt(rgb, at);
    ab[2 * i] = a;
    ab[2 * i + 1] = b;
  }
  const { redGreen, yellowBlue } = opponents;
  const colorfulness = Math.sqrt(redGreen.variance + yellowBlue.variance) +
    0.3 * Math.hypot(redGreen.mean, yellowBlue.mean);
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
  const chroma = Float32Array.from(
    { length: count },
    (_, i) => Math.hypot(ab[2 * i]!, ab[2 * i + 1]!),
  );
  const limit = chroma.toSorted()[Math.ceil(CALM_PART * count) - 1]!;
  const [a, b] = [0, 1].map((channel) => {
    const calm = Float32Array.from(
      ab.filter((_, index) => index % 2 === channel && chroma[index >> 1]! <= limit),
    ).sort();
    return calm[calm.length >> 1]!;
  }) as [number, number];
  return { a, b };
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

/** Mean and variance. */
class Moments {
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    this.#squares += value * value;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }

  get variance(): number {
    return Math.max(0, this.#squares / this.#count - this.mean ** 2);
  }
}
