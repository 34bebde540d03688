// Made from protos/tinct/worker/v1/scaling.proto
// by `deno task protos`. Changes here get lost.

import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../../tinct/v1/fault.ts';
import type { Long } from '@grpc/proto-loader';

export interface ScaledPiece {
  'sheetId'?: (number | string | Long);
  'width'?: (number);
  'height'?: (number);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
  'fault'?: (_tinct_v1_Fault | null);
}

export interface ScaledPiece__Output {
  'sheetId': (number);
  'width': (number);
  'height': (number);
  'data': (Buffer);
  'last': (boolean);
  'fault': (_tinct_v1_Fault__Output | null);
}
