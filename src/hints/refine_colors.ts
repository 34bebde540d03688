import { lightnessAt } from "./byte_colors.ts";

/** Windows along a side, of which one reaches from a sample to its edge: two samples at a side of 96. */
const WINDOWS = 48;

/** Variance of L* in a window up to which colours are smoothed rather than made to follow lightness. */
const FLAT = 25;

/**
 * Makes predicted colours follow lightness: the guided filter of He, Sun & Tang (2010), with L as its
 * guide. Blots are smoothed, and edges of lightness stay edges of colour. docs/decisions/0033 has what
 * it gains, and where it loses. Some 20 ms for a side of 256.
 *
 * @param ab [side, side, 2], in the units of L*a*b*.
 * @param square [side, side, 3], the sRGB bytes that the network saw.
 * @returns the shape of `ab`; the caller's own.
 */
export function refineColors(ab: Float32Array, square: Uint8Array): Float32Array<ArrayBuffer> {
  const side = Math.round(Math.sqrt(square.length / 3));
  const radius = Math.max(1, Math.round(side / WINDOWS));
  const mean = (values: Float32Array) => windowMeans(values, side, radius);
  const L = Float32Array.from({ length: side * side }, (_, i) => lightnessAt(square, 3 * i));
  const meanL = mean(L);
  const variance = mean(L.map((l) => l * l)).map((each, i) => each - meanL[i]! ** 2);
  const refined = new Float32Array(ab.length);
  for (const channel of [0, 1]) {
    const plane = L.map((_, i) => ab[2 * i + channel]!);
    const meanPlane = mean(plane);
    const products = mean(plane.map((value, i) => value * L[i]!));
    const slopes = products.map((each, i) =>
      (each - meanL[i]! * meanPlane[i]!) / (Math.max(0, variance[i]!) + FLAT)
    );
    const offsets = mean(meanPlane.map((each, i) => each - slopes[i]! * meanL[i]!));
    const meanSlopes = mean(slopes);
    L.forEach((l, i) => refined[2 * i + channel] = meanSlopes[i]! * l + offsets[i]!);
  }
  return refined;
}

/** Means over the square window around each sample, as far as it lies in the picture. */
function windowMeans(
  values: Float32Array,
  side: number,
  radius: number,
): Float32Array<ArrayBuffer> {
  const sums = new Float64Array((side + 1) ** 2);
  const at = (row: number, column: number) => row * (side + 1) + column;
  for (let y = 0; y < side; y++) {
    for (let x = 0, row = 0; x < side; x++) {
      row += values[y * side + x]!;
      sums[at(y + 1, x + 1)] = sums[at(y, x + 1)]! + row;
    }
  }
  const means = new Float32Array(values.length);
  for (let y = 0; y < side; y++) {
    const [top, end] = [Math.max(0, y - radius), Math.min(side, y + radius + 1)];
    for (let x = 0; x < side; x++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(side, x + radius + 1)];
      const sum = sums[at(end, right)]! - sums[at(top, right)]! - sums[at(end, left)]! +
        sums[at(top, left)]!;
      means[y * side + x] = sum / ((right - left) * (end - top));
    }
  }
  return means;
}
