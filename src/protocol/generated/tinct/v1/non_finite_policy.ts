// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const NonFinitePolicy = {
  NON_FINITE_POLICY_UNSPECIFIED: 'NON_FINITE_POLICY_UNSPECIFIED',
  NON_FINITE_POLICY_FAIL: 'NON_FINITE_POLICY_FAIL',
  NON_FINITE_POLICY_PAUSE: 'NON_FINITE_POLICY_PAUSE',
  NON_FINITE_POLICY_ROLLBACK: 'NON_FINITE_POLICY_ROLLBACK',
} as const;

export type NonFinitePolicy =
  | 'NON_FINITE_POLICY_UNSPECIFIED'
  | 0
  | 'NON_FINITE_POLICY_FAIL'
  | 1
  | 'NON_FINITE_POLICY_PAUSE'
  | 2
  | 'NON_FINITE_POLICY_ROLLBACK'
  | 3

export type NonFinitePolicy__Output = typeof NonFinitePolicy[keyof typeof NonFinitePolicy]
