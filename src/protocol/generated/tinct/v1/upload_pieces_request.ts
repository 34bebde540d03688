// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { UploadPiece as _tinct_v1_UploadPiece, UploadPiece__Output as _tinct_v1_UploadPiece__Output } from '../../tinct/v1/upload_piece.ts';
import type { Long } from '@grpc/proto-loader';

export interface UploadPiecesRequest {
  'dataset'?: (string);
  'pieces'?: (_tinct_v1_UploadPiece)[];
  'offset'?: (number | string | Long);
  'finish'?: (boolean);
}

export interface UploadPiecesRequest__Output {
  'dataset': (string);
  'pieces': (_tinct_v1_UploadPiece__Output)[];
  'offset': (number);
  'finish': (boolean);
}
