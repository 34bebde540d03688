/** What validations measure, as pages show it: which way is better, and the gray picture's value. */
export const measures = [
  { key: "psnrDb", title: "PSNR dB", better: "higher", grayKey: "grayPsnrDb", decimals: 2 },
  { key: "ssim", title: "SSIM", better: "higher", grayKey: "graySsim", decimals: 3 },
  { key: "deltaE2000", title: "ΔE2000", better: "lower", grayKey: "grayDeltaE2000", decimals: 2 },
  {
    key: "colorfulnessRatio",
    title: "Colourfulness",
    better: "near 1",
    grayKey: undefined, // a gray picture has no colour: 0
    decimals: 2,
  },
] as const;

/** The less, the better. */
export function costOf(better: (typeof measures)[number]["better"], value: number): number {
  return better === "higher" ? -value : better === "lower" ? value : Math.abs(value - 1);
}
