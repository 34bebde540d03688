// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface NetworkReport {
  'profile'?: (string);
  'profileName'?: (string);
  'opset'?: (number);
  'parameters'?: (number | string | Long);
  'sizeMultiple'?: (number);
}

export interface NetworkReport__Output {
  'profile': (string);
  'profileName': (string);
  'opset': (number);
  'parameters': (number);
  'sizeMultiple': (number);
}
