// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const EncoderNorm = {
  ENCODER_NORM_UNSPECIFIED: 'ENCODER_NORM_UNSPECIFIED',
  ENCODER_NORM_TRAIN: 'ENCODER_NORM_TRAIN',
  ENCODER_NORM_EVAL: 'ENCODER_NORM_EVAL',
} as const;

export type EncoderNorm =
  | 'ENCODER_NORM_UNSPECIFIED'
  | 0
  | 'ENCODER_NORM_TRAIN'
  | 1
  | 'ENCODER_NORM_EVAL'
  | 2

export type EncoderNorm__Output = typeof EncoderNorm[keyof typeof EncoderNorm]
