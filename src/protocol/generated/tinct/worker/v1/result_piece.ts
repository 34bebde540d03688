// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoResult as _tinct_worker_v1_PhotoResult, PhotoResult__Output as _tinct_worker_v1_PhotoResult__Output } from '../../../tinct/worker/v1/photo_result.ts';
import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../../tinct/v1/fault.ts';
import type { Long } from '@grpc/proto-loader';

export interface ResultPiece {
  'photoId'?: (number | string | Long);
  'photo'?: (_tinct_worker_v1_PhotoResult | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
  'fault'?: (_tinct_v1_Fault | null);
}

export interface ResultPiece__Output {
  'photoId': (number);
  'photo': (_tinct_worker_v1_PhotoResult__Output | null);
  'data': (Buffer);
  'last': (boolean);
  'fault': (_tinct_v1_Fault__Output | null);
}
