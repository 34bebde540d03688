// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

export interface ListDatasetFilesRequest {
  'dataset'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListDatasetFilesRequest__Output {
  'dataset': (string);
  'pageSize': (number);
  'pageToken': (string);
}
