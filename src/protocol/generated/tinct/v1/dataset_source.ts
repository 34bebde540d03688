// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

export const DatasetSource = {
  DATASET_SOURCE_UNSPECIFIED: 'DATASET_SOURCE_UNSPECIFIED',
  DATASET_SOURCE_FOLDER: 'DATASET_SOURCE_FOLDER',
  DATASET_SOURCE_UPLOAD: 'DATASET_SOURCE_UPLOAD',
} as const;

export type DatasetSource =
  | 'DATASET_SOURCE_UNSPECIFIED'
  | 0
  | 'DATASET_SOURCE_FOLDER'
  | 1
  | 'DATASET_SOURCE_UPLOAD'
  | 2

export type DatasetSource__Output = typeof DatasetSource[keyof typeof DatasetSource]
