// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

export interface GetSweepRequest {
  'sweepId'?: (string);
}

export interface GetSweepRequest__Output {
  'sweepId': (string);
}
