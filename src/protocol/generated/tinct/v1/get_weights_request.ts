// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

export interface GetWeightsRequest {
  'name'?: (string);
}

export interface GetWeightsRequest__Output {
  'name': (string);
}
