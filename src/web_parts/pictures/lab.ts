/** sRGB and L*a*b* (D65), as CIE and IEC 61966-2-1 have them. */

const white = [0.95047, 1, 1.08883] as const;

/** L*, a* and b* of an sRGB pixel of bytes. */
export function labOf(r: number, g: number, b: number): [number, number, number] {
  const [red, green, blue] = [r, g, b].map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const [fx, fy, fz] = [
    0.4124564 * red + 0.3575761 * green + 0.1804375 * blue,
    0.2126729 * red + 0.7151522 * green + 0.072175 * blue,
    0.0193339 * red + 0.119192 * green + 0.9503041 * blue,
  ].map((value, index) => {
    const share = value / (white[index] ?? 1);
    return share > 216 / 24389 ? Math.cbrt(share) : (share * 24389 / 27 + 16) / 116;
  }) as [number, number, number];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/**
 * The sRGB bytes of a hue and chroma, at the lightness nearest to the given one where sRGB has that
 * colour; a gray where it has it at none.
 */
export function paintOf(a: number, b: number, L = 60): [number, number, number] {
  for (let off = 0; off <= 100; off++) {
    const rgb = rgbOf(L + off, a, b) ?? rgbOf(L - off, a, b);
    if (rgb) return rgb;
  }
  return [145, 145, 145];
}

/** Such as "#c9332f". */
export function hexOf(rgb: readonly number[]): string {
  return `#${rgb.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The sRGB bytes of a colour; undefined: there is no such colour in sRGB. */
export function rgbOf(L: number, a: number, b: number): [number, number, number] | undefined {
  const fy = (L + 16) / 116;
  const [x, y, z] = [fy + a / 500, fy, fy - b / 200].map((f, index) => {
    const value = f > 6 / 29 ? f ** 3 : (f - 4 / 29) * 108 / 841;
    return value * (white[index] ?? 1);
  }) as [number, number, number];
  const linear = [
    3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
    -0.969266 * x + 1.8760108 * y + 0.041556 * z,
    0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
  ];
  if (linear.some((value) => value < -0.002 || value > 1.002)) return undefined;
  return linear.map((value) => {
    const inside = Math.min(1, Math.max(0, value));
    const encoded = inside <= 0.0031308 ? 12.92 * inside : 1.055 * inside ** (1 / 2.4) - 0.055;
    return Math.round(255 * encoded);
  }) as [number, number, number];
}
