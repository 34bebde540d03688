import type { Symbols } from "./symbols.ts";

/**
 * Says for the whole process whether a GPU may multiply float32 numbers rounded to TensorFloat-32 (8
 * bits of exponent, 10 of mantissa; sums stay float32). GPUs of compute capability 8.0 and later can,
 * and TensorFlow lets them unless told otherwise. On a CPU nothing changes.
 *
 * @returns whether the library could be told: TensorFlow's C API has no function for it, and a build
 *   may lack the C++ one.
 */
export function allowTensorFloat32(symbols: Symbols, allowed: boolean): boolean {
  if (symbols.enable_tensor_float_32_execution === null) return false;
  symbols.enable_tensor_float_32_execution(Number(allowed));
  return true;
}

/** Whether a GPU may; undefined where the library cannot say. */
export function tensorFloat32Allowed(symbols: Symbols): boolean | undefined {
  return symbols.tensor_float_32_execution_enabled === null
    ? undefined
    : symbols.tensor_float_32_execution_enabled() !== 0;
}
