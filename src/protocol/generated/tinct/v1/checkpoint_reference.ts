// Made from protos/tinct/v1/checkpoint.proto
// by `deno task protos`. Changes here get lost.

import type { CheckpointChoice as _tinct_v1_CheckpointChoice, CheckpointChoice__Output as _tinct_v1_CheckpointChoice__Output } from '../../tinct/v1/checkpoint_choice.ts';
import type { Long } from '@grpc/proto-loader';

export interface CheckpointReference {
  'jobId'?: (string);
  'step'?: (number | string | Long);
  'choice'?: (_tinct_v1_CheckpointChoice);
  'checkpoint'?: "step"|"choice";
}

export interface CheckpointReference__Output {
  'jobId': (string);
  'step'?: (number);
  'choice'?: (_tinct_v1_CheckpointChoice__Output);
  'checkpoint'?: "step"|"choice";
}
