// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoSettings as _tinct_worker_v1_PhotoSettings, PhotoSettings__Output as _tinct_worker_v1_PhotoSettings__Output } from '../../../tinct/worker/v1/photo_settings.ts';
import type { Long } from '@grpc/proto-loader';

export const _tinct_worker_v1_PhotoPiece_File = {
  FILE_UNSPECIFIED: 'FILE_UNSPECIFIED',
  FILE_STROKES: 'FILE_STROKES',
  FILE_REFERENCE: 'FILE_REFERENCE',
} as const;

export type _tinct_worker_v1_PhotoPiece_File =
  | 'FILE_UNSPECIFIED'
  | 0
  | 'FILE_STROKES'
  | 1
  | 'FILE_REFERENCE'
  | 2

export type _tinct_worker_v1_PhotoPiece_File__Output = typeof _tinct_worker_v1_PhotoPiece_File[keyof typeof _tinct_worker_v1_PhotoPiece_File]

export interface PhotoPiece {
  'photoId'?: (number | string | Long);
  'settings'?: (_tinct_worker_v1_PhotoSettings | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
  'file'?: (_tinct_worker_v1_PhotoPiece_File);
}

export interface PhotoPiece__Output {
  'photoId': (number);
  'settings': (_tinct_worker_v1_PhotoSettings__Output | null);
  'data': (Buffer);
  'last': (boolean);
  'file': (_tinct_worker_v1_PhotoPiece_File__Output);
}
