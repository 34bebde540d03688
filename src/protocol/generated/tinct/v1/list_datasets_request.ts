// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

export interface ListDatasetsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListDatasetsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
