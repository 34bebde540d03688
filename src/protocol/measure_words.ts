import type { Validation__Output } from "./generated/tinct/v1/validation.ts";

/** Measures as parts of a sentence, with what the gray picture has; those that were taken. */
export function measureWords(measures: Validation__Output | null): string[] {
  if (measures === null) return [];
  const describe = (
    name: string,
    digits: number,
    value: number | undefined,
    gray: number | undefined,
    unit = "",
  ) => {
    if (value === undefined) return [];
    const beside = gray === undefined ? "" : ` (gray ${gray.toFixed(digits)})`;
    return [`${name} ${value.toFixed(digits)}${unit}${beside}`];
  };
  const { colorfulness, colorfulnessRatio: ratio } = measures;
  const share = ratio === undefined ? "" : ` (${Math.round(100 * ratio)}% of the real)`;
  return [
    ...describe("PSNR", 2, measures.psnrDb, measures.grayPsnrDb, " dB"),
    ...describe("SSIM", 3, measures.ssim, measures.graySsim),
    ...describe("ΔE", 2, measures.deltaE2000, measures.grayDeltaE2000),
    ...describe("ab error", 2, measures.abError, measures.grayAbError),
    ...describe("L1", 3, measures.l1, measures.grayL1),
    ...(colorfulness === undefined ? [] : [`colourfulness ${colorfulness.toFixed(1)}${share}`]),
  ];
}
