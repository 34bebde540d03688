// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const InitMethod = {
  INIT_METHOD_UNSPECIFIED: 'INIT_METHOD_UNSPECIFIED',
  INIT_METHOD_NORMAL: 'INIT_METHOD_NORMAL',
  INIT_METHOD_XAVIER: 'INIT_METHOD_XAVIER',
  INIT_METHOD_KAIMING: 'INIT_METHOD_KAIMING',
} as const;

export type InitMethod =
  | 'INIT_METHOD_UNSPECIFIED'
  | 0
  | 'INIT_METHOD_NORMAL'
  | 1
  | 'INIT_METHOD_XAVIER'
  | 2
  | 'INIT_METHOD_KAIMING'
  | 3

export type InitMethod__Output = typeof InitMethod[keyof typeof InitMethod]
