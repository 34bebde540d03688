// Made from protos/tinct/worker/v1/training.proto
// by `deno task protos`. Changes here get lost.

import type { Long } from '@grpc/proto-loader';

export interface SavedCheckpoint {
  'path'?: (string);
  'step'?: (number | string | Long);
  'epoch'?: (number | string);
  'sizeBytes'?: (number | string | Long);
  'best'?: (boolean);
  'deletedSteps'?: (number | string | Long)[];
}

export interface SavedCheckpoint__Output {
  'path': (string);
  'step': (number);
  'epoch': (number);
  'sizeBytes': (number);
  'best': (boolean);
  'deletedSteps': (number)[];
}
