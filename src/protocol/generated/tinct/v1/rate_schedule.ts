// Made from protos/tinct/v1/training_config.proto
// by `deno task protos`. Changes here get lost.

export const RateSchedule = {
  RATE_SCHEDULE_UNSPECIFIED: 'RATE_SCHEDULE_UNSPECIFIED',
  RATE_SCHEDULE_CONSTANT: 'RATE_SCHEDULE_CONSTANT',
  RATE_SCHEDULE_LINEAR: 'RATE_SCHEDULE_LINEAR',
  RATE_SCHEDULE_STEP: 'RATE_SCHEDULE_STEP',
  RATE_SCHEDULE_COSINE: 'RATE_SCHEDULE_COSINE',
  RATE_SCHEDULE_PLATEAU: 'RATE_SCHEDULE_PLATEAU',
} as const;

export type RateSchedule =
  | 'RATE_SCHEDULE_UNSPECIFIED'
  | 0
  | 'RATE_SCHEDULE_CONSTANT'
  | 1
  | 'RATE_SCHEDULE_LINEAR'
  | 2
  | 'RATE_SCHEDULE_STEP'
  | 3
  | 'RATE_SCHEDULE_COSINE'
  | 4
  | 'RATE_SCHEDULE_PLATEAU'
  | 5

export type RateSchedule__Output = typeof RateSchedule[keyof typeof RateSchedule]
