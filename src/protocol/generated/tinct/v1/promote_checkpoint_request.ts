// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { CheckpointReference as _tinct_v1_CheckpointReference, CheckpointReference__Output as _tinct_v1_CheckpointReference__Output } from '../../tinct/v1/checkpoint_reference.ts';
import type { GeneratorWeights as _tinct_v1_GeneratorWeights, GeneratorWeights__Output as _tinct_v1_GeneratorWeights__Output } from '../../tinct/v1/generator_weights.ts';

export interface PromoteCheckpointRequest {
  'checkpoint'?: (_tinct_v1_CheckpointReference | null);
  'name'?: (string);
  'description'?: (string);
  'weights'?: (_tinct_v1_GeneratorWeights);
}

export interface PromoteCheckpointRequest__Output {
  'checkpoint': (_tinct_v1_CheckpointReference__Output | null);
  'name': (string);
  'description': (string);
  'weights': (_tinct_v1_GeneratorWeights__Output);
}
