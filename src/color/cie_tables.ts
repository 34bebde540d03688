/** Linear light of each sRGB byte (IEC 61966-2-1). */
export const linearOfByte = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
});

/** From linear sRGB to CIE XYZ, rows X, Y, Z (IEC 61966-2-1). */
const xyzOfRgb = [
  [0.412453, 0.357580, 0.180423],
  [0.212671, 0.715160, 0.072169],
  [0.019334, 0.119193, 0.950227],
] as const;

/** D65 for the 2 degree observer (ASTM E308), Y = 1. */
const white = [0.95047, 1, 1.08883] as const;

/** Where the cube root of L*a*b* gives way to its straight line. */
export const threshold = 0.008856;

/** From linear sRGB to XYZ over that of white: rows X, Y, Z. */
export const whiteXyzOfRgb: readonly (readonly number[])[] = xyzOfRgb.map((row, i) =>
  row.map((value) => value / white[i]!)
);

/** Its inverse: rows red, green, blue. */
export const rgbOfWhiteXyz: readonly (readonly number[])[] = inverse(whiteXyzOfRgb);

/** What ab is divided by, so that every sRGB colour lies in [-1, 1]. */
export const abScale = 110;

/** The inverse of a 3x3 matrix, by cofactors. */
function inverse(m: readonly (readonly number[])[]): number[][] {
  const at = (row: number, column: number) => m[row % 3]?.[column % 3] ?? NaN;
  const cofactor = (i: number, j: number) =>
    at(i + 1, j + 1) * at(i + 2, j + 2) - at(i + 1, j + 2) * at(i + 2, j + 1);
  const determinant = [0, 1, 2].reduce((sum, j) => sum + at(0, j) * cofactor(0, j), 0);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => cofactor(column, row) / determinant));
}
