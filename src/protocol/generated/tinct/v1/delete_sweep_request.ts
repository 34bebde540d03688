// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteSweepRequest {
  'sweepId'?: (string);
}

export interface DeleteSweepRequest__Output {
  'sweepId': (string);
}
