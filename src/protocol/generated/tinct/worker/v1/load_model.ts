// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { GeneratorWeights as _tinct_v1_GeneratorWeights, GeneratorWeights__Output as _tinct_v1_GeneratorWeights__Output } from '../../../tinct/v1/generator_weights.ts';
import type { Long } from '@grpc/proto-loader';

export interface LoadModel {
  'modelId'?: (number | string | Long);
  'folder'?: (string);
  'weights'?: (_tinct_v1_GeneratorWeights);
}

export interface LoadModel__Output {
  'modelId': (number);
  'folder': (string);
  'weights': (_tinct_v1_GeneratorWeights__Output);
}
