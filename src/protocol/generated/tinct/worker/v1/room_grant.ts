// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface RoomGrant {
  'roomId'?: (number | string | Long);
}

export interface RoomGrant__Output {
  'roomId': (number);
}
