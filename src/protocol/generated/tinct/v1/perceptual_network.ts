// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const PerceptualNetwork = {
  PERCEPTUAL_NETWORK_UNSPECIFIED: 'PERCEPTUAL_NETWORK_UNSPECIFIED',
  PERCEPTUAL_NETWORK_VGG16: 'PERCEPTUAL_NETWORK_VGG16',
  PERCEPTUAL_NETWORK_ENCODER: 'PERCEPTUAL_NETWORK_ENCODER',
} as const;

export type PerceptualNetwork =
  | 'PERCEPTUAL_NETWORK_UNSPECIFIED'
  | 0
  | 'PERCEPTUAL_NETWORK_VGG16'
  | 1
  | 'PERCEPTUAL_NETWORK_ENCODER'
  | 2

export type PerceptualNetwork__Output = typeof PerceptualNetwork[keyof typeof PerceptualNetwork]
