// Made from protos/tinct/v1/server_capabilities.proto
// by `deno task protos`. Changes here get lost.

export const OptionKind = {
  OPTION_KIND_UNSPECIFIED: 'OPTION_KIND_UNSPECIFIED',
  OPTION_KIND_INTEGER: 'OPTION_KIND_INTEGER',
  OPTION_KIND_NUMBER: 'OPTION_KIND_NUMBER',
  OPTION_KIND_CHOICE: 'OPTION_KIND_CHOICE',
  OPTION_KIND_BOOLEAN: 'OPTION_KIND_BOOLEAN',
} as const;

export type OptionKind =
  | 'OPTION_KIND_UNSPECIFIED'
  | 0
  | 'OPTION_KIND_INTEGER'
  | 1
  | 'OPTION_KIND_NUMBER'
  | 2
  | 'OPTION_KIND_CHOICE'
  | 3
  | 'OPTION_KIND_BOOLEAN'
  | 4

export type OptionKind__Output = typeof OptionKind[keyof typeof OptionKind]
