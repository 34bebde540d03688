import { readFileSync } from "node:fs";

/** A pair of pictures, and what scikit-image and NumPy say about it. */
export interface MeasuredPair {
  /** [height, width, 3] sRGB bytes. */
  readonly real: Uint8Array;
  readonly other: Uint8Array;
  /** dB; null for equal pictures. */
  readonly psnr: number | null;
  readonly ssim: number;
  readonly deltaE: number;
  readonly colorfulness: readonly [real: number, other: number];
}

interface Stored extends Omit<MeasuredPair, "real" | "other"> {
  readonly real: string;
  readonly other: string;
}

/** What testdata/metrics/make_metrics.py wrote. */
export function readMeasured(): {
  readonly height: number;
  readonly width: number;
  readonly pictures: readonly MeasuredPair[];
  /** L1 a1 b1 L2 a2 b2 and their difference: Sharma, Wu & Dalal (2005), table 1. */
  readonly sharma: readonly (readonly number[])[];
} {
  const url = new URL("../testdata/metrics/metrics.json", import.meta.url);
  const { pictures, ...rest } = JSON.parse(readFileSync(url, "utf8"));
  return {
    ...rest,
    pictures: pictures.map((pair: Stored) => ({
      ...pair,
      real: Uint8Array.from(atob(pair.real), (c) => c.charCodeAt(0)),
      other: Uint8Array.from(atob(pair.other), (c) => c.charCodeAt(0)),
    })),
  };
}
