// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const Generator = {
  GENERATOR_UNSPECIFIED: 'GENERATOR_UNSPECIFIED',
  GENERATOR_UNET: 'GENERATOR_UNET',
  GENERATOR_RESNET18: 'GENERATOR_RESNET18',
  GENERATOR_RESNET34: 'GENERATOR_RESNET34',
  GENERATOR_DDCOLOR_TINY: 'GENERATOR_DDCOLOR_TINY',
} as const;

export type Generator =
  | 'GENERATOR_UNSPECIFIED'
  | 0
  | 'GENERATOR_UNET'
  | 1
  | 'GENERATOR_RESNET18'
  | 2
  | 'GENERATOR_RESNET34'
  | 3
  | 'GENERATOR_DDCOLOR_TINY'
  | 4

export type Generator__Output = typeof Generator[keyof typeof Generator]
