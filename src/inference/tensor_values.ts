import type { SafetensorsFile, TensorDtype } from "../checkpoints/safetensors.ts";
import { refuseUnsound } from "../checkpoints/sound_numbers.ts";
import { TinctError } from "../errors.ts";

/** The types of numbers that a model's weights may have, and how their bytes are read. */
const readers: Partial<Record<TensorDtype, (buffer: ArrayBuffer) => Float32Array>> = {
  F32: (buffer) => new Float32Array(buffer),
  F64: (buffer) => Float32Array.from(new Float64Array(buffer)),
  F16: (buffer) => Float32Array.from(new Float16Array(buffer)),
  // The upper half of a float32.
  BF16: (buffer) =>
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (v) => v << 16).buffer),
};

/**
 * Reads a tensor of any floating type as float32.
 *
 * @throws {TinctError} failed_precondition when it is of another type, or a number of it is not finite
 *   or a variance under 0; what `SafetensorsFile.read` throws.
 */
export async function readFloats(
  file: SafetensorsFile,
  name: string,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const dtype = file.get(name)?.dtype;
  const read = dtype && readers[dtype];
  if (dtype && !read) {
    throw new TinctError(
      "failed_precondition",
      `${file.path}: ${name} is of type ${dtype}; save the weights as float32, float16 or bfloat16.`,
    );
  }
  const { buffer } = await file.read(name, { signal });
  const values = read!(buffer);
  refuseUnsound(values, { name, path: file.path });
  return values;
}
