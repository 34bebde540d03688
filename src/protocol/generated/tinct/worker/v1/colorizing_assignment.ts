// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface ColorizingAssignment {
  'device'?: (string);
  'threads'?: (number);
  'maxBatchSize'?: (number);
  'maxPhotoPixels'?: (number | string | Long);
  'maxPhotoSide'?: (number);
  'maxDecodeTime'?: (_google_protobuf_Duration | null);
  'maxEncodeTime'?: (_google_protobuf_Duration | null);
  'maxAvifPixels'?: (number | string | Long);
  'workBytes'?: (number | string | Long);
  'sharesWorkBytes'?: (boolean);
}

export interface ColorizingAssignment__Output {
  'device': (string);
  'threads': (number);
  'maxBatchSize': (number);
  'maxPhotoPixels': (number);
  'maxPhotoSide': (number);
  'maxDecodeTime': (_google_protobuf_Duration__Output | null);
  'maxEncodeTime': (_google_protobuf_Duration__Output | null);
  'maxAvifPixels': (number);
  'workBytes': (number);
  'sharesWorkBytes': (boolean);
}
