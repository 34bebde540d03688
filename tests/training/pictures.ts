/** Pictures measured in float64, apart from the program's own code. */

/** Linear light of an sRGB byte (IEC 61966-2-1). */
function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** L, a, b of sRGB bytes (CIE 1976, D65, 2 degrees), pixel by pixel. */
export function labOf(rgb: Uint8Array): [L: number, a: number, b: number][] {
  const f = (t: number) => t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
  return Array.from({ length: rgb.length / 3 }, (_, i) => {
    const [r, g, b] = [...rgb.subarray(3 * i, 3 * i + 3)].map(linear) as [number, number, number];
    const x = f((0.412453 * r + 0.35758 * g + 0.180423 * b) / 0.95047);
    const y = f(0.212671 * r + 0.71516 * g + 0.072169 * b);
    const z = f((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.08883);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  });
}

/** Peak signal-to-noise ratio of two pictures' bytes, dB. */
export function psnrOf(picture: Uint8Array, original: Uint8Array): number {
  const squared = picture.reduce((sum, byte, i) => sum + (byte - original[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (squared / original.length));
}

/** RGB bytes, row by row. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A square of a picture. */
export function cutOut(
  { width, rgb }: Picture,
  { x, y, size }: { x: number; y: number; size: number },
): Uint8Array {
  const square = new Uint8Array(size * size * 3);
  for (let row = 0; row < size; row++) {
    const start = ((y + row) * width + x) * 3;
    square.set(rgb.subarray(start, start + size * 3), row * size * 3);
  }
  return square;
}

/** Where a square stands in a picture, byte for byte; undefined where it does not. */
export function locate(
  square: Uint8Array,
  { size, sheet }: { size: number; sheet: Picture },
): [x: number, y: number] | undefined {
  const firstRow = square.subarray(0, size * 3);
  for (let y = 0; y + size <= sheet.height; y++) {
    for (let x = 0; x + size <= sheet.width; x++) {
      const at = (y * sheet.width + x) * 3;
      if (!firstRow.every((byte, i) => byte === sheet.rgb[at + i])) continue;
      const found = cutOut(sheet, { x, y, size });
      if (found.every((byte, i) => byte === square[i])) return [x, y];
    }
  }
  return undefined;
}

/** Whether every pixel is gray, but for one level of rounding. */
export function isGray(rgb: Uint8Array): boolean {
  return rgb.every((byte, i) => Math.abs(byte - rgb[i - i % 3]!) <= 1);
}
