// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const Precision = {
  PRECISION_UNSPECIFIED: 'PRECISION_UNSPECIFIED',
  PRECISION_FLOAT32: 'PRECISION_FLOAT32',
  PRECISION_TF32: 'PRECISION_TF32',
  PRECISION_BFLOAT16: 'PRECISION_BFLOAT16',
} as const;

export type Precision =
  | 'PRECISION_UNSPECIFIED'
  | 0
  | 'PRECISION_FLOAT32'
  | 1
  | 'PRECISION_TF32'
  | 3
  | 'PRECISION_BFLOAT16'
  | 2

export type Precision__Output = typeof Precision[keyof typeof Precision]
