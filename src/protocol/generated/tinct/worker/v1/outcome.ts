// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export const Outcome = {
  OUTCOME_UNSPECIFIED: 'OUTCOME_UNSPECIFIED',
  OUTCOME_SUCCEEDED: 'OUTCOME_SUCCEEDED',
  OUTCOME_STOPPED: 'OUTCOME_STOPPED',
  OUTCOME_FAILED: 'OUTCOME_FAILED',
  OUTCOME_PAUSED: 'OUTCOME_PAUSED',
} as const;

export type Outcome =
  | 'OUTCOME_UNSPECIFIED'
  | 0
  | 'OUTCOME_SUCCEEDED'
  | 1
  | 'OUTCOME_STOPPED'
  | 2
  | 'OUTCOME_FAILED'
  | 3
  | 'OUTCOME_PAUSED'
  | 120

export type Outcome__Output = typeof Outcome[keyof typeof Outcome]
