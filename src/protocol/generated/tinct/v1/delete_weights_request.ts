// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteWeightsRequest {
  'name'?: (string);
}

export interface DeleteWeightsRequest__Output {
  'name': (string);
}
