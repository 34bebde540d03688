// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

export interface ListSweepsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListSweepsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
