import type { TensorDtype } from "./safetensors.ts";
import type { TensorFile } from "./tensor_file.ts";
import { refuseUnsound } from "./sound_numbers.ts";
import { TinctError } from "../errors.ts";

/** The types of numbers that a model's weights may have, and how their bytes are read. */
const readers: Partial<Record<TensorDtype, (buffer: ArrayBuffer) => Float32Array>> = {
  F32: (buffer) => new Float32Array(buffer),
  F64: (buffer) => new Float32Array(new Float64Array(buffer)),
  F16: (buffer) => new Float32Array(new Float16Array(buffer)),
  // The upper half of a float32.
  BF16: (buffer) =>
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (v) => v << 16).buffer),
};

/** Whether numbers of a type are read as weights. */
export function isFloating(dtype: TensorDtype): boolean {
  return readers[dtype] !== undefined;
}

/**
 * Reads a tensor of any floating type as float32, whatever its numbers are.
 *
 * @throws {TinctError} what `TensorFile.read` throws.
 */
export async function readAnyFloats(
  file: TensorFile,
  name: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { buffer } = await file.read(name, { signal });
  return readers[file.get(name)!.dtype]!(buffer);
}

/**
 * Reads a tensor of any floating type as float32.
 *
 * @throws {TinctError} failed_precondition when it is of another type, or a number of it is not finite
 *   or a variance under 0; what `TensorFile.read` throws.
 */
export async function readFloats(
  file: TensorFile,
  name: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const dtype = file.get(name)?.dtype;
  if (dtype && !isFloating(dtype)) {
    throw new TinctError(
      "failed_precondition",
      `${file.path}: ${name} is of type ${dtype}; save the weights as float32, float16 or bfloat16.`,
    );
  }
  const values = await readAnyFloats(file, name, signal);
  refuseUnsound(values, { name, path: file.path });
  return values;
}
