// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { EventKind as _tinct_v1_EventKind, EventKind__Output as _tinct_v1_EventKind__Output } from '../../tinct/v1/event_kind.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface StreamMetricsRequest {
  'jobId'?: (string);
  'fromSequence'?: (number | string | Long);
  'kinds'?: (_tinct_v1_EventKind)[];
  'maxImagePixels'?: (number | string | Long);
  'minInterval'?: (_google_protobuf_Duration | null);
  'maxLossPoints'?: (number);
  'omitImages'?: (boolean);
}

export interface StreamMetricsRequest__Output {
  'jobId': (string);
  'fromSequence': (number);
  'kinds': (_tinct_v1_EventKind__Output)[];
  'maxImagePixels': (number);
  'minInterval': (_google_protobuf_Duration__Output | null);
  'maxLossPoints': (number);
  'omitImages': (boolean);
}
