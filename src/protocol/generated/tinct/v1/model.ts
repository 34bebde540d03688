// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../tinct/v1/training_config.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../tinct/v1/validation.ts';
import type { GeneratorWeights as _tinct_v1_GeneratorWeights, GeneratorWeights__Output as _tinct_v1_GeneratorWeights__Output } from '../../tinct/v1/generator_weights.ts';
import type { ImportedNetwork as _tinct_v1_ImportedNetwork, ImportedNetwork__Output as _tinct_v1_ImportedNetwork__Output } from '../../tinct/v1/imported_network.ts';
import type { Long } from '@grpc/proto-loader';

export interface Model {
  'name'?: (string);
  'version'?: (number);
  'jobId'?: (string);
  'step'?: (number | string | Long);
  'description'?: (string);
  'createTime'?: (_google_protobuf_Timestamp | null);
  'sizeBytes'?: (number | string | Long);
  'config'?: (_tinct_v1_TrainingConfig | null);
  'validation'?: (_tinct_v1_Validation | null);
  'loaded'?: (boolean);
  'weights'?: (_tinct_v1_GeneratorWeights);
  'imported'?: (_tinct_v1_ImportedNetwork | null);
}

export interface Model__Output {
  'name': (string);
  'version': (number);
  'jobId': (string);
  'step': (number);
  'description': (string);
  'createTime': (_google_protobuf_Timestamp__Output | null);
  'sizeBytes': (number);
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'validation': (_tinct_v1_Validation__Output | null);
  'loaded': (boolean);
  'weights': (_tinct_v1_GeneratorWeights__Output);
  'imported': (_tinct_v1_ImportedNetwork__Output | null);
}
