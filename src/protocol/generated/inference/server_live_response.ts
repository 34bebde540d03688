// Made from protos/inference/grpc_inference_service.proto
// by `deno task protos`. Changes here get lost.

export interface ServerLiveResponse {
  'live'?: (boolean);
}

export interface ServerLiveResponse__Output {
  'live': (boolean);
}
