import { threshold } from "../color/cie_tables.ts";
import type { OnnxMath } from "./onnx_math.ts";

/** See `inverseLabCurve` of src/color. */
export function inverseLabCurve(math: OnnxMath, f: string): string {
  const line = math.divide(math.subtract(f, 16 / 116), 7.787);
  const cube = math.multiply(math.multiply(f, f), f);
  return math.above(f, Math.cbrt(threshold), cube, line);
}

/** See `encodeSrgb` of src/color. */
export function encodedSrgb(math: OnnxMath, linear: string): string {
  const power = math.of("Pow", [math.largest(linear, 0.0031308), 1 / 2.4]);
  const curve = math.subtract(math.multiply(power, 1.055), 0.055);
  const values = math.above(linear, 0.0031308, curve, math.multiply(linear, 12.92));
  return math.multiply(values, 255);
}
