// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface DatasetFile {
  'fileName'?: (string);
  'sizeBytes'?: (number | string | Long);
}

export interface DatasetFile__Output {
  'fileName': (string);
  'sizeBytes': (number);
}
