// Made from protos/tinct/worker/v1/training.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../../tinct/v1/training_config.ts';
import type { ReplicaGroup as _tinct_worker_v1_ReplicaGroup, ReplicaGroup__Output as _tinct_worker_v1_ReplicaGroup__Output } from '../../../tinct/worker/v1/replica_group.ts';
import type { PhotoLimits as _tinct_worker_v1_PhotoLimits, PhotoLimits__Output as _tinct_worker_v1_PhotoLimits__Output } from '../../../tinct/worker/v1/photo_limits.ts';

export interface TrainingAssignment {
  'jobId'?: (string);
  'attempt'?: (number);
  'config'?: (_tinct_v1_TrainingConfig | null);
  'datasetFolder'?: (string);
  'preparedFolder'?: (string);
  'runFolder'?: (string);
  'resumeFolder'?: (string);
  'startFolder'?: (string);
  'device'?: (string);
  'threads'?: (number);
  'replicas'?: (_tinct_worker_v1_ReplicaGroup | null);
  'keptFolder'?: (string);
  'dataset'?: (string);
  'encoderWeights'?: (string);
  'perceptualWeights'?: (string);
  'generatorWeights'?: (string);
  'photoLimits'?: (_tinct_worker_v1_PhotoLimits | null);
  'origin'?: "resumeFolder"|"startFolder";
}

export interface TrainingAssignment__Output {
  'jobId': (string);
  'attempt': (number);
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'datasetFolder': (string);
  'preparedFolder': (string);
  'runFolder': (string);
  'resumeFolder'?: (string);
  'startFolder'?: (string);
  'device': (string);
  'threads': (number);
  'replicas': (_tinct_worker_v1_ReplicaGroup__Output | null);
  'keptFolder': (string);
  'dataset': (string);
  'encoderWeights': (string);
  'perceptualWeights': (string);
  'generatorWeights': (string);
  'photoLimits': (_tinct_worker_v1_PhotoLimits__Output | null);
  'origin'?: "resumeFolder"|"startFolder";
}
