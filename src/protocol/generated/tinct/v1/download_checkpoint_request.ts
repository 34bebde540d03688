// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { CheckpointReference as _tinct_v1_CheckpointReference, CheckpointReference__Output as _tinct_v1_CheckpointReference__Output } from '../../tinct/v1/checkpoint_reference.ts';

export interface DownloadCheckpointRequest {
  'checkpoint'?: (_tinct_v1_CheckpointReference | null);
}

export interface DownloadCheckpointRequest__Output {
  'checkpoint': (_tinct_v1_CheckpointReference__Output | null);
}
