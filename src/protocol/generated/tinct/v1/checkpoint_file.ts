// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface CheckpointFile {
  'fileName'?: (string);
  'sizeBytes'?: (number | string | Long);
  'sha256'?: (Buffer | Uint8Array | string);
}

export interface CheckpointFile__Output {
  'fileName': (string);
  'sizeBytes': (number);
  'sha256': (Buffer);
}
