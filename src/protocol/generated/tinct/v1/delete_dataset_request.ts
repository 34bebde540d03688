// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteDatasetRequest {
  'dataset'?: (string);
}

export interface DeleteDatasetRequest__Output {
  'dataset': (string);
}
