/** `TF_DataType` of `tensorflow/c/tf_datatype.h`, as far as Tinct meets them. */
export const DataType = {
  FLOAT: 1,
  DOUBLE: 2,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  BFLOAT16: 14,
  HALF: 19,
  RESOURCE: 20,
  UINT64: 23,
} as const;

const sizes: Readonly<Record<number, number>> = {
  [DataType.FLOAT]: 4,
  [DataType.DOUBLE]: 8,
  [DataType.INT32]: 4,
  [DataType.UINT8]: 1,
  [DataType.COMPLEX64]: 8,
  [DataType.INT64]: 8,
  [DataType.BOOL]: 1,
  [DataType.BFLOAT16]: 2,
  [DataType.HALF]: 2,
  [DataType.UINT64]: 8,
};

/** Bytes of one element. Throws TypeError for types without a fixed size. */
export function sizeOf(dataType: number): number {
  const size = sizes[dataType];
  if (size === undefined) throw new TypeError(`TensorFlow type ${dataType} has no fixed size.`);
  return size;
}
