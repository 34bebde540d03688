// Made from protos/grpc/reflection/v1/reflection.proto
// by `deno task protos`. Changes here get lost.

export interface ServiceResponse {
  'name'?: (string);
}

export interface ServiceResponse__Output {
  'name': (string);
}
