// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { LossSeries as _tinct_v1_LossSeries, LossSeries__Output as _tinct_v1_LossSeries__Output } from '../../tinct/v1/loss_series.ts';
import type { Long } from '@grpc/proto-loader';

export interface LossHistory {
  'events'?: (number | string | Long);
  'startTime'?: (_google_protobuf_Timestamp | null);
  'steps'?: (number | string | Long)[];
  'epochs'?: (number | string)[];
  'seconds'?: (number | string)[];
  'series'?: (_tinct_v1_LossSeries)[];
}

export interface LossHistory__Output {
  'events': (number);
  'startTime': (_google_protobuf_Timestamp__Output | null);
  'steps': (number)[];
  'epochs': (number)[];
  'seconds': (number)[];
  'series': (_tinct_v1_LossSeries__Output)[];
}
