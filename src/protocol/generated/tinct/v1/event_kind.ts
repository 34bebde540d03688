// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

export const EventKind = {
  EVENT_KIND_UNSPECIFIED: 'EVENT_KIND_UNSPECIFIED',
  EVENT_KIND_STATE: 'EVENT_KIND_STATE',
  EVENT_KIND_LOSSES: 'EVENT_KIND_LOSSES',
  EVENT_KIND_VALIDATION: 'EVENT_KIND_VALIDATION',
  EVENT_KIND_SAMPLE: 'EVENT_KIND_SAMPLE',
  EVENT_KIND_CHECKPOINT: 'EVENT_KIND_CHECKPOINT',
  EVENT_KIND_LOG: 'EVENT_KIND_LOG',
  EVENT_KIND_HEARTBEAT: 'EVENT_KIND_HEARTBEAT',
} as const;

export type EventKind =
  | 'EVENT_KIND_UNSPECIFIED'
  | 0
  | 'EVENT_KIND_STATE'
  | 1
  | 'EVENT_KIND_LOSSES'
  | 2
  | 'EVENT_KIND_VALIDATION'
  | 3
  | 'EVENT_KIND_SAMPLE'
  | 4
  | 'EVENT_KIND_CHECKPOINT'
  | 5
  | 'EVENT_KIND_LOG'
  | 6
  | 'EVENT_KIND_HEARTBEAT'
  | 7

export type EventKind__Output = typeof EventKind[keyof typeof EventKind]
