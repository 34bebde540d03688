// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

import type { WeightsState as _tinct_v1_WeightsState, WeightsState__Output as _tinct_v1_WeightsState__Output } from '../../tinct/v1/weights_state.ts';
import type { WeightsNetwork as _tinct_v1_WeightsNetwork, WeightsNetwork__Output as _tinct_v1_WeightsNetwork__Output } from '../../tinct/v1/weights_network.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../tinct/v1/training_config.ts';
import type { Long } from '@grpc/proto-loader';

export interface Weights {
  'name'?: (string);
  'state'?: (_tinct_v1_WeightsState);
  'network'?: (_tinct_v1_WeightsNetwork);
  'width'?: (number);
  'seesColor'?: (boolean);
  'sizeBytes'?: (number | string | Long);
  'sha256'?: (Buffer | Uint8Array | string);
  'createTime'?: (_google_protobuf_Timestamp | null);
  'generator'?: (_tinct_v1_TrainingConfig | null);
}

export interface Weights__Output {
  'name': (string);
  'state': (_tinct_v1_WeightsState__Output);
  'network': (_tinct_v1_WeightsNetwork__Output);
  'width': (number);
  'seesColor': (boolean);
  'sizeBytes': (number);
  'sha256': (Buffer);
  'createTime': (_google_protobuf_Timestamp__Output | null);
  'generator': (_tinct_v1_TrainingConfig__Output | null);
}
