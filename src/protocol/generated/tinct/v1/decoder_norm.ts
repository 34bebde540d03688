// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const DecoderNorm = {
  DECODER_NORM_UNSPECIFIED: 'DECODER_NORM_UNSPECIFIED',
  DECODER_NORM_NONE: 'DECODER_NORM_NONE',
  DECODER_NORM_BATCH: 'DECODER_NORM_BATCH',
  DECODER_NORM_SPECTRAL: 'DECODER_NORM_SPECTRAL',
} as const;

export type DecoderNorm =
  | 'DECODER_NORM_UNSPECIFIED'
  | 0
  | 'DECODER_NORM_NONE'
  | 1
  | 'DECODER_NORM_BATCH'
  | 2
  | 'DECODER_NORM_SPECTRAL'
  | 3

export type DecoderNorm__Output = typeof DecoderNorm[keyof typeof DecoderNorm]
