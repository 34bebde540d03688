// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

export interface CancelSweepRequest {
  'sweepId'?: (string);
}

export interface CancelSweepRequest__Output {
  'sweepId': (string);
}
