// Made from protos/tinct/worker/v1/training.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface PhotoLimits {
  'maxPixels'?: (number | string | Long);
  'maxSide'?: (number);
  'maxDecodeTime'?: (_google_protobuf_Duration | null);
}

export interface PhotoLimits__Output {
  'maxPixels': (number);
  'maxSide': (number);
  'maxDecodeTime': (_google_protobuf_Duration__Output | null);
}
