// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface ExportedFile {
  'path'?: (string);
  'sizeBytes'?: (number | string | Long);
}

export interface ExportedFile__Output {
  'path': (string);
  'sizeBytes': (number);
}
