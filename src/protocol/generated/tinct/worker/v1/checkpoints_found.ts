// Made from protos/tinct/worker/v1/training.proto
// by `deno task protos`. Changes here get lost.

import type { SavedCheckpoint as _tinct_worker_v1_SavedCheckpoint, SavedCheckpoint__Output as _tinct_worker_v1_SavedCheckpoint__Output } from '../../../tinct/worker/v1/saved_checkpoint.ts';
import type { Long } from '@grpc/proto-loader';

export interface CheckpointsFound {
  'checkpoints'?: (_tinct_worker_v1_SavedCheckpoint)[];
  'unreadableSteps'?: (number | string | Long)[];
}

export interface CheckpointsFound__Output {
  'checkpoints': (_tinct_worker_v1_SavedCheckpoint__Output)[];
  'unreadableSteps': (number)[];
}
