/**
 * How far a pixel's channels may lie apart (largest minus smallest, of 255) and still look gray.
 * Rounding in JPEG's YCbCr and in color profiles moves a channel by 1 to 3 levels, the noise of a
 * black-and-white picture scanned in color by a few more; 8 levels are a chroma of about 3 in L*a*b*,
 * where the eye begins to see a hue.
 */
export const GRAY_SPREAD = 8;

/** The share of pixels that may lie further apart: a speck, a hot pixel. */
const GRAY_EXCEPTIONS = 0.001;

/**
 * Whether a picture is gray: its chroma is nil or so little that it teaches a colorizer nothing but
 * to leave things gray. A toned picture (sepia, cyanotype) is not gray: by its pixels it cannot be
 * told from a desert or an evening sky, and leaving those out would cost real photos.
 *
 * @param rgb 3 bytes a pixel.
 */
export function isGray(rgb: Uint8Array): boolean {
  let exceptionsLeft = Math.floor((rgb.length / 3) * GRAY_EXCEPTIONS);
  for (let at = 0; at + 2 < rgb.length; at += 3) {
    const red = rgb[at]!;
    const green = rgb[at + 1]!;
    const blue = rgb[at + 2]!;
    const spread = Math.max(red, green, blue) - Math.min(red, green, blue);
    if (spread > GRAY_SPREAD && --exceptionsLeft < 0) return false;
  }
  return true;
}
