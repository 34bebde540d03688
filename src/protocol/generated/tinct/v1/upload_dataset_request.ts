// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { UploadStart as _tinct_v1_UploadStart, UploadStart__Output as _tinct_v1_UploadStart__Output } from '../../tinct/v1/upload_start.ts';
import type { UploadPiece as _tinct_v1_UploadPiece, UploadPiece__Output as _tinct_v1_UploadPiece__Output } from '../../tinct/v1/upload_piece.ts';
import type { UploadFinish as _tinct_v1_UploadFinish, UploadFinish__Output as _tinct_v1_UploadFinish__Output } from '../../tinct/v1/upload_finish.ts';

export interface UploadDatasetRequest {
  'start'?: (_tinct_v1_UploadStart | null);
  'piece'?: (_tinct_v1_UploadPiece | null);
  'finish'?: (_tinct_v1_UploadFinish | null);
  'part'?: "start"|"piece"|"finish";
}

export interface UploadDatasetRequest__Output {
  'start'?: (_tinct_v1_UploadStart__Output | null);
  'piece'?: (_tinct_v1_UploadPiece__Output | null);
  'finish'?: (_tinct_v1_UploadFinish__Output | null);
  'part'?: "start"|"piece"|"finish";
}
