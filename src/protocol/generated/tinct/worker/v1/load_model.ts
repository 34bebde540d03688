// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface LoadModel {
  'modelId'?: (number | string | Long);
  'folder'?: (string);
}

export interface LoadModel__Output {
  'modelId': (number);
  'folder': (string);
}
