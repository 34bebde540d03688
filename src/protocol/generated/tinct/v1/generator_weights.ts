// Made from protos/tinct/v1/generator_weights.proto
// by `deno task protos`. Changes here get lost.

export const GeneratorWeights = {
  GENERATOR_WEIGHTS_UNSPECIFIED: 'GENERATOR_WEIGHTS_UNSPECIFIED',
  GENERATOR_WEIGHTS_EMA: 'GENERATOR_WEIGHTS_EMA',
  GENERATOR_WEIGHTS_RAW: 'GENERATOR_WEIGHTS_RAW',
} as const;

export type GeneratorWeights =
  | 'GENERATOR_WEIGHTS_UNSPECIFIED'
  | 0
  | 'GENERATOR_WEIGHTS_EMA'
  | 1
  | 'GENERATOR_WEIGHTS_RAW'
  | 2

export type GeneratorWeights__Output = typeof GeneratorWeights[keyof typeof GeneratorWeights]
