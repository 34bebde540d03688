import { linearOfByte, threshold, whiteXyzOfRgb } from "../color/cie_tables.ts";

/** Steps of the table of lightness: a step is 0.2 of L* where it is steepest, near black. */
const STEPS = 4096;

const [toX = [], toY = [], toZ = []] = whiteXyzOfRgb;

/** What each byte of red, green and blue adds to Y, in steps of the table. */
const [ofRed, ofGreen, ofBlue] = [0, 1, 2].map((channel) =>
  linearOfByte.map((linear) => linear * toY[channel]! * (STEPS - 1))
) as [Float32Array, Float32Array, Float32Array];

const lightnessOfStep = Float32Array.from(
  { length: STEPS + 1 },
  (_, step) => 116 * curve(step / (STEPS - 1)) - 16,
);

/** L* of one pixel of sRGB bytes, within 0.2. @param at its first byte. */
export function lightnessAt(rgb: Uint8Array, at: number): number {
  const step = ofRed[rgb[at]!]! + ofGreen[rgb[at + 1]!]! + ofBlue[rgb[at + 2]!]!;
  return lightnessOfStep[(step + 0.5) | 0]!;
}

/** a* and b* of an sRGB colour. @param at its first byte. */
export function chromaAt(rgb: Uint8Array, at: number): { readonly a: number; readonly b: number } {
  const red = linearOfByte[rgb[at]!]!;
  const green = linearOfByte[rgb[at + 1]!]!;
  const blue = linearOfByte[rgb[at + 2]!]!;
  // Written out: of every photo that is colorized, thousands of pixels come by here.
  const fx = curve(toX[0]! * red + toX[1]! * green + toX[2]! * blue);
  const fy = curve(toY[0]! * red + toY[1]! * green + toY[2]! * blue);
  const fz = curve(toZ[0]! * red + toZ[1]! * green + toZ[2]! * blue);
  return { a: 500 * (fx - fy), b: 200 * (fy - fz) };
}

/** a* and b* of 0xRRGGBB. */
export function chromaOfRgb(rgb: number): { readonly a: number; readonly b: number } {
  return chromaAt(Uint8Array.of(rgb >> 16, (rgb >> 8) & 255, rgb & 255), 0);
}

/** The curve of L*a*b* (CIE 1976). */
function curve(t: number): number {
  return t > threshold ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}
