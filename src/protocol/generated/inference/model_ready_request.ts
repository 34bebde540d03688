// Made from protos/inference/grpc_inference_service.proto
// by `deno task protos`. Changes here get lost.

export interface ModelReadyRequest {
  'name'?: (string);
  'version'?: (string);
}

export interface ModelReadyRequest__Output {
  'name': (string);
  'version': (string);
}
