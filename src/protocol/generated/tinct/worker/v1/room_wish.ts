// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface RoomWish {
  'roomId'?: (number | string | Long);
  'bytes'?: (number | string | Long);
}

export interface RoomWish__Output {
  'roomId': (number);
  'bytes': (number);
}
