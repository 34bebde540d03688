/** Types of tensors: their numbers in ONNX (`TensorProto.DataType`), and bytes of a value. */
export const onnxTypes = {
  float32: { number: 1, sizeBytes: 4 },
  uint8: { number: 2, sizeBytes: 1 },
  int64: { number: 7, sizeBytes: 8 },
} as const;

/** The bytes of an array, not copied. ONNX has them little-endian, as all machines that Tinct runs on. */
export function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
