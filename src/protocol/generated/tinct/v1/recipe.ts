// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const Recipe = {
  RECIPE_UNSPECIFIED: 'RECIPE_UNSPECIFIED',
  RECIPE_PIX2PIX: 'RECIPE_PIX2PIX',
  RECIPE_TUTORIAL: 'RECIPE_TUTORIAL',
  RECIPE_NOGAN: 'RECIPE_NOGAN',
} as const;

export type Recipe =
  | 'RECIPE_UNSPECIFIED'
  | 0
  | 'RECIPE_PIX2PIX'
  | 1
  | 'RECIPE_TUTORIAL'
  | 2
  | 'RECIPE_NOGAN'
  | 3

export type Recipe__Output = typeof Recipe[keyof typeof Recipe]
