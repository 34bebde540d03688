// Made from protos/tinct/v1/resources.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface ResourceReport {
  'device'?: (string);
  'deviceBusy'?: (boolean);
  'measuredSteps'?: (number);
  'stepTime'?: (_google_protobuf_Duration | null);
  'firstStepTime'?: (_google_protobuf_Duration | null);
  'stepsPerEpoch'?: (number | string | Long);
  'totalSteps'?: (number | string | Long);
  'epochTime'?: (_google_protobuf_Duration | null);
  'totalTime'?: (_google_protobuf_Duration | null);
  'memoryBytes'?: (number | string | Long);
  'availableMemoryBytes'?: (number | string | Long);
  'preparedBytes'?: (number | string | Long);
  'checkpointBytes'?: (number | string | Long);
  'checkpoints'?: (number);
  'freeDiskBytes'?: (number | string | Long);
  'warnings'?: (string)[];
}

export interface ResourceReport__Output {
  'device': (string);
  'deviceBusy': (boolean);
  'measuredSteps': (number);
  'stepTime': (_google_protobuf_Duration__Output | null);
  'firstStepTime': (_google_protobuf_Duration__Output | null);
  'stepsPerEpoch': (number);
  'totalSteps': (number);
  'epochTime': (_google_protobuf_Duration__Output | null);
  'totalTime': (_google_protobuf_Duration__Output | null);
  'memoryBytes': (number);
  'availableMemoryBytes': (number);
  'preparedBytes': (number);
  'checkpointBytes': (number);
  'checkpoints': (number);
  'freeDiskBytes': (number);
  'warnings': (string)[];
}
