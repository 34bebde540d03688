// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

export const WeightsNetwork = {
  WEIGHTS_NETWORK_UNSPECIFIED: 'WEIGHTS_NETWORK_UNSPECIFIED',
  WEIGHTS_NETWORK_RESNET18: 'WEIGHTS_NETWORK_RESNET18',
  WEIGHTS_NETWORK_RESNET34: 'WEIGHTS_NETWORK_RESNET34',
  WEIGHTS_NETWORK_VGG16_BN: 'WEIGHTS_NETWORK_VGG16_BN',
  WEIGHTS_NETWORK_GENERATOR: 'WEIGHTS_NETWORK_GENERATOR',
} as const;

export type WeightsNetwork =
  | 'WEIGHTS_NETWORK_UNSPECIFIED'
  | 0
  | 'WEIGHTS_NETWORK_RESNET18'
  | 1
  | 'WEIGHTS_NETWORK_RESNET34'
  | 2
  | 'WEIGHTS_NETWORK_VGG16_BN'
  | 3
  | 'WEIGHTS_NETWORK_GENERATOR'
  | 4

export type WeightsNetwork__Output = typeof WeightsNetwork[keyof typeof WeightsNetwork]
