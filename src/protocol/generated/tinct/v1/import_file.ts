// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface ImportFile {
  'name'?: (string);
  'sizeBytes'?: (number | string | Long);
  'sha256'?: (Buffer | Uint8Array | string);
}

export interface ImportFile__Output {
  'name': (string);
  'sizeBytes': (number);
  'sha256': (Buffer);
}
