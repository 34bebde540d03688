// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface CancelPhoto {
  'photoId'?: (number | string | Long);
}

export interface CancelPhoto__Output {
  'photoId': (number);
}
