// Made from protos/grpc/reflection/v1/reflection.proto
// by `deno task protos`. Changes here get lost.

export interface FileDescriptorResponse {
  'fileDescriptorProto'?: (Buffer | Uint8Array | string)[];
}

export interface FileDescriptorResponse__Output {
  'fileDescriptorProto': (Buffer)[];
}
