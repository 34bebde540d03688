/** sRGB and L*a*b* (D65), as CIE and IEC 61966-2-1 have them. */

const white = [0.95047, 1, 1.08883] as const;

/** Lightness, 0 to 100, of an sRGB pixel of bytes. */
export function lightnessOf(r: number, g: number, b: number): number {
  const linear = (byte: number) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const y = 0.2126729 * linear(r) + 0.7151522 * linear(g) + 0.072175 * linear(b);
  return y <= 216 / 24389 ? y * 24389 / 27 : 116 * Math.cbrt(y) - 16;
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
