// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { Model as _tinct_v1_Model, Model__Output as _tinct_v1_Model__Output } from '../../tinct/v1/model.ts';

export interface ImportModelResponse {
  'model'?: (_tinct_v1_Model | null);
}

export interface ImportModelResponse__Output {
  'model': (_tinct_v1_Model__Output | null);
}
