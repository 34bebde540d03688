// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const DiscriminatorNorm = {
  DISCRIMINATOR_NORM_UNSPECIFIED: 'DISCRIMINATOR_NORM_UNSPECIFIED',
  DISCRIMINATOR_NORM_AUTO: 'DISCRIMINATOR_NORM_AUTO',
  DISCRIMINATOR_NORM_BATCH: 'DISCRIMINATOR_NORM_BATCH',
  DISCRIMINATOR_NORM_INSTANCE: 'DISCRIMINATOR_NORM_INSTANCE',
  DISCRIMINATOR_NORM_NONE: 'DISCRIMINATOR_NORM_NONE',
} as const;

export type DiscriminatorNorm =
  | 'DISCRIMINATOR_NORM_UNSPECIFIED'
  | 0
  | 'DISCRIMINATOR_NORM_AUTO'
  | 1
  | 'DISCRIMINATOR_NORM_BATCH'
  | 2
  | 'DISCRIMINATOR_NORM_INSTANCE'
  | 3
  | 'DISCRIMINATOR_NORM_NONE'
  | 4

export type DiscriminatorNorm__Output = typeof DiscriminatorNorm[keyof typeof DiscriminatorNorm]
