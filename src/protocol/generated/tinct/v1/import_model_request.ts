// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { ImportModelStart as _tinct_v1_ImportModelStart, ImportModelStart__Output as _tinct_v1_ImportModelStart__Output } from '../../tinct/v1/import_model_start.ts';

export interface ImportModelRequest {
  'start'?: (_tinct_v1_ImportModelStart | null);
  'data'?: (Buffer | Uint8Array | string);
  'part'?: "start"|"data";
}

export interface ImportModelRequest__Output {
  'start'?: (_tinct_v1_ImportModelStart__Output | null);
  'data'?: (Buffer);
  'part'?: "start"|"data";
}
