// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

export const DatasetState = {
  DATASET_STATE_UNSPECIFIED: 'DATASET_STATE_UNSPECIFIED',
  DATASET_STATE_UPLOADING: 'DATASET_STATE_UPLOADING',
  DATASET_STATE_READY: 'DATASET_STATE_READY',
} as const;

export type DatasetState =
  | 'DATASET_STATE_UNSPECIFIED'
  | 0
  | 'DATASET_STATE_UPLOADING'
  | 1
  | 'DATASET_STATE_READY'
  | 2

export type DatasetState__Output = typeof DatasetState[keyof typeof DatasetState]
