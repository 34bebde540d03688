// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingProgress as _tinct_v1_TrainingProgress, TrainingProgress__Output as _tinct_v1_TrainingProgress__Output } from '../../tinct/v1/training_progress.ts';
import type { Long } from '@grpc/proto-loader';

export interface HeartbeatEvent {
  'progress'?: (_tinct_v1_TrainingProgress | null);
  'residentBytes'?: (number | string | Long);
}

export interface HeartbeatEvent__Output {
  'progress': (_tinct_v1_TrainingProgress__Output | null);
  'residentBytes': (number);
}
