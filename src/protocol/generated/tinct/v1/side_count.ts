// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface SideCount {
  'fromSide'?: (number);
  'photos'?: (number | string | Long);
}

export interface SideCount__Output {
  'fromSide': (number);
  'photos': (number);
}
