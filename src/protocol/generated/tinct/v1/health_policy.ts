// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const HealthPolicy = {
  HEALTH_POLICY_UNSPECIFIED: 'HEALTH_POLICY_UNSPECIFIED',
  HEALTH_POLICY_WARN: 'HEALTH_POLICY_WARN',
  HEALTH_POLICY_PAUSE: 'HEALTH_POLICY_PAUSE',
  HEALTH_POLICY_ROLLBACK: 'HEALTH_POLICY_ROLLBACK',
  HEALTH_POLICY_OFF: 'HEALTH_POLICY_OFF',
} as const;

export type HealthPolicy =
  | 'HEALTH_POLICY_UNSPECIFIED'
  | 0
  | 'HEALTH_POLICY_WARN'
  | 1
  | 'HEALTH_POLICY_PAUSE'
  | 2
  | 'HEALTH_POLICY_ROLLBACK'
  | 3
  | 'HEALTH_POLICY_OFF'
  | 4

export type HealthPolicy__Output = typeof HealthPolicy[keyof typeof HealthPolicy]
