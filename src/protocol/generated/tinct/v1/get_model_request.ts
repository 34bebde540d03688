// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

export interface GetModelRequest {
  'name'?: (string);
  'version'?: (number);
}

export interface GetModelRequest__Output {
  'name': (string);
  'version': (number);
}
