// Made from protos/grpc/reflection/v1/reflection.proto
// by `deno task protos`. Changes here get lost.

export interface ExtensionRequest {
  'containingType'?: (string);
  'extensionNumber'?: (number);
}

export interface ExtensionRequest__Output {
  'containingType': (string);
  'extensionNumber': (number);
}
