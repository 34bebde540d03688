// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

import type { UploadWeightsStart as _tinct_v1_UploadWeightsStart, UploadWeightsStart__Output as _tinct_v1_UploadWeightsStart__Output } from '../../tinct/v1/upload_weights_start.ts';

export interface UploadWeightsRequest {
  'start'?: (_tinct_v1_UploadWeightsStart | null);
  'data'?: (Buffer | Uint8Array | string);
  'part'?: "start"|"data";
}

export interface UploadWeightsRequest__Output {
  'start'?: (_tinct_v1_UploadWeightsStart__Output | null);
  'data'?: (Buffer);
  'part'?: "start"|"data";
}
