// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteModelRequest {
  'name'?: (string);
}

export interface DeleteModelRequest__Output {
  'name': (string);
}
