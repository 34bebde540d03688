// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

export interface GetDatasetRequest {
  'dataset'?: (string);
}

export interface GetDatasetRequest__Output {
  'dataset': (string);
}
