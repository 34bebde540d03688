// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../google/protobuf/duration.ts';

export interface ColorizeTimings {
  'queue'?: (_google_protobuf_Duration | null);
  'decode'?: (_google_protobuf_Duration | null);
  'model'?: (_google_protobuf_Duration | null);
  'encode'?: (_google_protobuf_Duration | null);
  'total'?: (_google_protobuf_Duration | null);
  'batchSize'?: (number);
}

export interface ColorizeTimings__Output {
  'queue': (_google_protobuf_Duration__Output | null);
  'decode': (_google_protobuf_Duration__Output | null);
  'model': (_google_protobuf_Duration__Output | null);
  'encode': (_google_protobuf_Duration__Output | null);
  'total': (_google_protobuf_Duration__Output | null);
  'batchSize': (number);
}
