// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

export const WeightsState = {
  WEIGHTS_STATE_UNSPECIFIED: 'WEIGHTS_STATE_UNSPECIFIED',
  WEIGHTS_STATE_UPLOADING: 'WEIGHTS_STATE_UPLOADING',
  WEIGHTS_STATE_READY: 'WEIGHTS_STATE_READY',
  WEIGHTS_STATE_DAMAGED: 'WEIGHTS_STATE_DAMAGED',
} as const;

export type WeightsState =
  | 'WEIGHTS_STATE_UNSPECIFIED'
  | 0
  | 'WEIGHTS_STATE_UPLOADING'
  | 1
  | 'WEIGHTS_STATE_READY'
  | 2
  | 'WEIGHTS_STATE_DAMAGED'
  | 3

export type WeightsState__Output = typeof WeightsState[keyof typeof WeightsState]
