import { chromaAt } from "./byte_colors.ts";

/** Quantiles that a palette is told by. */
const QUANTILES = 256;

/**
 * How many times a difference of predicted colours may grow. A model that predicts all but one colour
 * would else have its noise stretched to a whole palette.
 */
const MOST_GROWTH = 5;

/** The colours of a picture: quantiles of a* and of b*, in rising order. */
interface Palette {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** The palette of a picture. @param rgb sRGB bytes, 3 a pixel. */
export function paletteOf(rgb: Uint8Array): Palette {
  const ab = new Float32Array(2 * rgb.length / 3);
  for (let pixel = 0; pixel < ab.length / 2; pixel++) {
    const { a, b } = chromaAt(rgb, 3 * pixel);
    ab[2 * pixel] = a;
    ab[2 * pixel + 1] = b;
  }
  return { a: quantilesOf(ab, 0), b: quantilesOf(ab, 1) };
}

/**
 * Gives colours the distribution of a palette, of a* and of b* each for itself. docs/decisions/0034
 * has why not by mean and covariance.
 *
 * @param ab [pixels, 2], in the units of the palette.
 * @returns the same shape; the caller's own.
 */
export function matchPalette(ab: Float32Array, palette: Palette): Float32Array<ArrayBuffer> {
  const matched = new Float32Array(ab.length);
  [palette.a, palette.b].forEach((wanted, channel) => {
    const found = quantilesOf(ab, channel);
    const targets = limited(found, wanted);
    for (let at = channel; at < ab.length; at += 2) matched[at] = mapped(ab[at]!, found, targets);
  });
  return matched;
}

function quantilesOf(ab: Float32Array, channel: number): Float32Array {
  const sorted = ab.filter((_, index) => index % 2 === channel).sort();
  return Float32Array.from(
    { length: QUANTILES },
    (_, i) => sorted[Math.floor((i + 0.5) / QUANTILES * sorted.length)]!,
  );
}

/** What the quantiles are to become: the wanted ones, but for what would grow too much. */
function limited(found: Float32Array, wanted: Float32Array): Float32Array {
  const targets = Float32Array.from(wanted);
  const middle = QUANTILES / 2;
  const step = (from: number, to: number) => {
    const most = MOST_GROWTH * Math.abs(found[to]! - found[from]!);
    const change = wanted[to]! - targets[from]!;
    targets[to] = targets[from]! + Math.max(-most, Math.min(most, change));
  };
  for (let i = middle + 1; i < QUANTILES; i++) step(i - 1, i);
  for (let i = middle - 1; i >= 0; i--) step(i + 1, i);
  return targets;
}

/** The target of a value between two quantiles; beyond the ends the last one's. */
function mapped(value: number, found: Float32Array, targets: Float32Array): number {
  let low = 0, high = found.length - 1;
  if (value <= found[low]!) return targets[low]!;
  if (value >= found[high]!) return targets[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (found[middle]! <= value) low = middle;
    else high = middle;
  }
  const width = found[high]! - found[low]!;
  const part = width > 0 ? (value - found[low]!) / width : 0;
  return targets[low]! + part * (targets[high]! - targets[low]!);
}
