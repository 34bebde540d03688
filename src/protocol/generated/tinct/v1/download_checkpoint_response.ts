// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { CheckpointFile as _tinct_v1_CheckpointFile, CheckpointFile__Output as _tinct_v1_CheckpointFile__Output } from '../../tinct/v1/checkpoint_file.ts';
import type { Long } from '@grpc/proto-loader';

export interface DownloadCheckpointResponse {
  'files'?: (_tinct_v1_CheckpointFile)[];
  'step'?: (number | string | Long);
  'data'?: (Buffer | Uint8Array | string);
}

export interface DownloadCheckpointResponse__Output {
  'files': (_tinct_v1_CheckpointFile__Output)[];
  'step': (number);
  'data': (Buffer);
}
