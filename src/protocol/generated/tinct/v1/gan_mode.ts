// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const GanMode = {
  GAN_MODE_UNSPECIFIED: 'GAN_MODE_UNSPECIFIED',
  GAN_MODE_VANILLA: 'GAN_MODE_VANILLA',
  GAN_MODE_LSGAN: 'GAN_MODE_LSGAN',
  GAN_MODE_WGANGP: 'GAN_MODE_WGANGP',
  GAN_MODE_HINGE: 'GAN_MODE_HINGE',
} as const;

export type GanMode =
  | 'GAN_MODE_UNSPECIFIED'
  | 0
  | 'GAN_MODE_VANILLA'
  | 1
  | 'GAN_MODE_LSGAN'
  | 2
  | 'GAN_MODE_WGANGP'
  | 3
  | 'GAN_MODE_HINGE'
  | 4

export type GanMode__Output = typeof GanMode[keyof typeof GanMode]
