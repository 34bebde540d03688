// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface ImportedNetwork {
  'fileName'?: (string);
  'sha256'?: (Buffer | Uint8Array | string);
  'profileName'?: (string);
  'profile'?: (string);
  'size'?: (number);
  'opset'?: (number);
  'parameters'?: (number | string | Long);
}

export interface ImportedNetwork__Output {
  'fileName': (string);
  'sha256': (Buffer);
  'profileName': (string);
  'profile': (string);
  'size': (number);
  'opset': (number);
  'parameters': (number);
}
