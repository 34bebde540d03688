// Made from protos/tinct/v1/training_job.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingPhase as _tinct_v1_TrainingPhase, TrainingPhase__Output as _tinct_v1_TrainingPhase__Output } from '../../tinct/v1/training_phase.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface TrainingProgress {
  'phase'?: (_tinct_v1_TrainingPhase);
  'step'?: (number | string | Long);
  'totalSteps'?: (number | string | Long);
  'epoch'?: (number | string);
  'photosDone'?: (number | string | Long);
  'photosTotal'?: (number | string | Long);
  'timeLeft'?: (_google_protobuf_Duration | null);
}

export interface TrainingProgress__Output {
  'phase': (_tinct_v1_TrainingPhase__Output);
  'step': (number);
  'totalSteps': (number);
  'epoch': (number);
  'photosDone': (number);
  'photosTotal': (number);
  'timeLeft': (_google_protobuf_Duration__Output | null);
}
