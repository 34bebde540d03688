// Made from protos/inference/grpc_inference_service.proto
// by `deno task protos`. Changes here get lost.

export interface ServerReadyRequest {
}

export interface ServerReadyRequest__Output {
}
