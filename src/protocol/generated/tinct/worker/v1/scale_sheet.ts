// Made from protos/tinct/worker/v1/scaling.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface ScaleSheet {
  'sheetId'?: (number | string | Long);
  'path'?: (string);
  'factor'?: (number);
  'maxBytes'?: (number | string | Long);
}

export interface ScaleSheet__Output {
  'sheetId': (number);
  'path': (string);
  'factor': (number);
  'maxBytes': (number);
}
