// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../../tinct/v1/training_config.ts';
import type { Long } from '@grpc/proto-loader';

export interface MeasurementAssignment {
  'config'?: (_tinct_v1_TrainingConfig | null);
  'device'?: (string);
  'threads'?: (number);
  'photos'?: (number | string | Long);
  'freeDiskBytes'?: (number | string | Long);
  'replicas'?: (number);
}

export interface MeasurementAssignment__Output {
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'device': (string);
  'threads': (number);
  'photos': (number);
  'freeDiskBytes': (number);
  'replicas': (number);
}
