// Made from protos/inference/grpc_inference_service.proto
// by `deno task protos`. Changes here get lost.

export interface ModelMetadataRequest {
  'name'?: (string);
  'version'?: (string);
}

export interface ModelMetadataRequest__Output {
  'name': (string);
  'version': (string);
}
