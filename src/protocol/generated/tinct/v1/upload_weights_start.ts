// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface UploadWeightsStart {
  'name'?: (string);
  'sizeBytes'?: (number | string | Long);
  'sha256'?: (Buffer | Uint8Array | string);
  'offset'?: (number | string | Long);
}

export interface UploadWeightsStart__Output {
  'name': (string);
  'sizeBytes': (number);
  'sha256': (Buffer);
  'offset': (number);
}
