// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../../tinct/v1/fault.ts';
import type { GeneratorWeights as _tinct_v1_GeneratorWeights, GeneratorWeights__Output as _tinct_v1_GeneratorWeights__Output } from '../../../tinct/v1/generator_weights.ts';
import type { Long } from '@grpc/proto-loader';

export interface LoadedModel {
  'modelId'?: (number | string | Long);
  'size'?: (number);
  'fault'?: (_tinct_v1_Fault | null);
  'weights'?: (_tinct_v1_GeneratorWeights);
}

export interface LoadedModel__Output {
  'modelId': (number);
  'size': (number);
  'fault': (_tinct_v1_Fault__Output | null);
  'weights': (_tinct_v1_GeneratorWeights__Output);
}
