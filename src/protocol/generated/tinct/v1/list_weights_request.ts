// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

export interface ListWeightsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListWeightsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
