// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

export interface ListModelsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListModelsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
