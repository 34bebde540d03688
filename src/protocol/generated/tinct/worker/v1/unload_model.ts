// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface UnloadModel {
  'modelId'?: (number | string | Long);
}

export interface UnloadModel__Output {
  'modelId': (number);
}
