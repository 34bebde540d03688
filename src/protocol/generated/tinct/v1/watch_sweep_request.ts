// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

export interface WatchSweepRequest {
  'sweepId'?: (string);
}

export interface WatchSweepRequest__Output {
  'sweepId': (string);
}
