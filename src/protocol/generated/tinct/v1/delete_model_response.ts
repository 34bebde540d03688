// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteModelResponse {
  'versions'?: (number);
}

export interface DeleteModelResponse__Output {
  'versions': (number);
}
