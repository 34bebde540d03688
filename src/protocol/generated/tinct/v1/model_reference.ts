// Made from protos/tinct/v1/model_reference.proto
// by `deno task protos`. Changes here get lost.

import type { CheckpointReference as _tinct_v1_CheckpointReference, CheckpointReference__Output as _tinct_v1_CheckpointReference__Output } from '../../tinct/v1/checkpoint_reference.ts';
import type { GeneratorWeights as _tinct_v1_GeneratorWeights, GeneratorWeights__Output as _tinct_v1_GeneratorWeights__Output } from '../../tinct/v1/generator_weights.ts';

export interface ModelReference {
  'name'?: (string);
  'checkpoint'?: (_tinct_v1_CheckpointReference | null);
  'version'?: (number);
  'weights'?: (_tinct_v1_GeneratorWeights);
  'source'?: "name"|"checkpoint";
}

export interface ModelReference__Output {
  'name'?: (string);
  'checkpoint'?: (_tinct_v1_CheckpointReference__Output | null);
  'version': (number);
  'weights': (_tinct_v1_GeneratorWeights__Output);
  'source'?: "name"|"checkpoint";
}
