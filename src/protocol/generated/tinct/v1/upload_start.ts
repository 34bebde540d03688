// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

export interface UploadStart {
  'dataset'?: (string);
}

export interface UploadStart__Output {
  'dataset': (string);
}
