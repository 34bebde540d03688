/** What trials may be compared by, in words that end with what is better; the first is the default. */
export const sweepMetrics = [
  ["psnr_db", "PSNR, higher is better"],
  ["ssim", "SSIM, higher is better"],
  ["delta_e2000", "ΔE2000, lower is better"],
  ["vivid_delta_e2000", "ΔE2000 against gray and gaudy, lower is better"],
  ["ab_error", "ab error, lower is better"],
  ["l1", "L1, lower is better"],
  ["colorfulness_ratio", "colourfulness ratio, nearest to 1"],
] as const;
