// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const Judge = {
  JUDGE_UNSPECIFIED: 'JUDGE_UNSPECIFIED',
  JUDGE_AB: 'JUDGE_AB',
  JUDGE_RGB: 'JUDGE_RGB',
} as const;

export type Judge =
  | 'JUDGE_UNSPECIFIED'
  | 0
  | 'JUDGE_AB'
  | 1
  | 'JUDGE_RGB'
  | 2

export type Judge__Output = typeof Judge[keyof typeof Judge]
