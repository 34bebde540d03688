// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

import type { Weights as _tinct_v1_Weights, Weights__Output as _tinct_v1_Weights__Output } from '../../tinct/v1/weights.ts';

export interface UploadWeightsResponse {
  'weights'?: (_tinct_v1_Weights | null);
}

export interface UploadWeightsResponse__Output {
  'weights': (_tinct_v1_Weights__Output | null);
}
