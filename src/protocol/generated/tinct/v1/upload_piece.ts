// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface UploadPiece {
  'fileName'?: (string);
  'sizeBytes'?: (number | string | Long);
  'sha256'?: (Buffer | Uint8Array | string);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
}

export interface UploadPiece__Output {
  'fileName': (string);
  'sizeBytes': (number);
  'sha256': (Buffer);
  'data': (Buffer);
  'last': (boolean);
}
