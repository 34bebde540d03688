// Made from protos/tinct/v1/checkpoint.proto
// by `deno task protos`. Changes here get lost.

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../tinct/v1/validation.ts';
import type { Long } from '@grpc/proto-loader';

export interface Checkpoint {
  'jobId'?: (string);
  'step'?: (number | string | Long);
  'epoch'?: (number | string);
  'createTime'?: (_google_protobuf_Timestamp | null);
  'sizeBytes'?: (number | string | Long);
  'best'?: (boolean);
  'validation'?: (_tinct_v1_Validation | null);
}

export interface Checkpoint__Output {
  'jobId': (string);
  'step': (number);
  'epoch': (number);
  'createTime': (_google_protobuf_Timestamp__Output | null);
  'sizeBytes': (number);
  'best': (boolean);
  'validation': (_tinct_v1_Validation__Output | null);
}
