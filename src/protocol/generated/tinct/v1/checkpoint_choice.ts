// Made from protos/tinct/v1/checkpoint.proto
// by `deno task protos`. Changes here get lost.

export const CheckpointChoice = {
  CHECKPOINT_CHOICE_UNSPECIFIED: 'CHECKPOINT_CHOICE_UNSPECIFIED',
  CHECKPOINT_CHOICE_NEWEST: 'CHECKPOINT_CHOICE_NEWEST',
  CHECKPOINT_CHOICE_BEST: 'CHECKPOINT_CHOICE_BEST',
} as const;

export type CheckpointChoice =
  | 'CHECKPOINT_CHOICE_UNSPECIFIED'
  | 0
  | 'CHECKPOINT_CHOICE_NEWEST'
  | 1
  | 'CHECKPOINT_CHOICE_BEST'
  | 2

export type CheckpointChoice__Output = typeof CheckpointChoice[keyof typeof CheckpointChoice]
