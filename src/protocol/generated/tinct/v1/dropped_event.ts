// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface DroppedEvent {
  'firstSequence'?: (number | string | Long);
  'losses'?: (number | string | Long);
  'samples'?: (number | string | Long);
  'others'?: (number | string | Long);
}

export interface DroppedEvent__Output {
  'firstSequence': (number);
  'losses': (number);
  'samples': (number);
  'others': (number);
}
