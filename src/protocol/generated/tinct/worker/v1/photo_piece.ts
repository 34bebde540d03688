// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoSettings as _tinct_worker_v1_PhotoSettings, PhotoSettings__Output as _tinct_worker_v1_PhotoSettings__Output } from '../../../tinct/worker/v1/photo_settings.ts';
import type { Long } from '@grpc/proto-loader';

export interface PhotoPiece {
  'photoId'?: (number | string | Long);
  'settings'?: (_tinct_worker_v1_PhotoSettings | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
}

export interface PhotoPiece__Output {
  'photoId': (number);
  'settings': (_tinct_worker_v1_PhotoSettings__Output | null);
  'data': (Buffer);
  'last': (boolean);
}
