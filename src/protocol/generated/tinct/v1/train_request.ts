// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../tinct/v1/training_config.ts';
import type { CheckpointReference as _tinct_v1_CheckpointReference, CheckpointReference__Output as _tinct_v1_CheckpointReference__Output } from '../../tinct/v1/checkpoint_reference.ts';

export interface TrainRequest {
  'dataset'?: (string);
  'config'?: (_tinct_v1_TrainingConfig | null);
  'displayName'?: (string);
  'labels'?: ({[key: string]: string});
  'requestId'?: (string);
  'resumeFrom'?: (_tinct_v1_CheckpointReference | null);
  'startFrom'?: (_tinct_v1_CheckpointReference | null);
  'encoderWeights'?: (string);
  'perceptualWeights'?: (string);
  'generatorWeights'?: (string);
  'origin'?: "resumeFrom"|"startFrom";
}

export interface TrainRequest__Output {
  'dataset': (string);
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'displayName': (string);
  'labels': ({[key: string]: string});
  'requestId': (string);
  'resumeFrom'?: (_tinct_v1_CheckpointReference__Output | null);
  'startFrom'?: (_tinct_v1_CheckpointReference__Output | null);
  'encoderWeights': (string);
  'perceptualWeights': (string);
  'generatorWeights': (string);
  'origin'?: "resumeFrom"|"startFrom";
}
