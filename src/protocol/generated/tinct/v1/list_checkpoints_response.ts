// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { Checkpoint as _tinct_v1_Checkpoint, Checkpoint__Output as _tinct_v1_Checkpoint__Output } from '../../tinct/v1/checkpoint.ts';

export interface ListCheckpointsResponse {
  'checkpoints'?: (_tinct_v1_Checkpoint)[];
  'nextPageToken'?: (string);
}

export interface ListCheckpointsResponse__Output {
  'checkpoints': (_tinct_v1_Checkpoint__Output)[];
  'nextPageToken': (string);
}
