// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../tinct/v1/training_config.ts';
import type { SweepMethod as _tinct_v1_SweepMethod, SweepMethod__Output as _tinct_v1_SweepMethod__Output } from '../../tinct/v1/sweep_method.ts';
import type { SweepParameter as _tinct_v1_SweepParameter, SweepParameter__Output as _tinct_v1_SweepParameter__Output } from '../../tinct/v1/sweep_parameter.ts';
import type { SuccessiveHalving as _tinct_v1_SuccessiveHalving, SuccessiveHalving__Output as _tinct_v1_SuccessiveHalving__Output } from '../../tinct/v1/successive_halving.ts';
import type { Long } from '@grpc/proto-loader';

export interface SweepSpec {
  'dataset'?: (string);
  'config'?: (_tinct_v1_TrainingConfig | null);
  'method'?: (_tinct_v1_SweepMethod);
  'parameters'?: (_tinct_v1_SweepParameter)[];
  'trials'?: (number);
  'seed'?: (number | string | Long);
  'metric'?: (string);
  'halving'?: (_tinct_v1_SuccessiveHalving | null);
  'maxConcurrentJobs'?: (number);
}

export interface SweepSpec__Output {
  'dataset': (string);
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'method': (_tinct_v1_SweepMethod__Output);
  'parameters': (_tinct_v1_SweepParameter__Output)[];
  'trials': (number);
  'seed': (number);
  'metric': (string);
  'halving': (_tinct_v1_SuccessiveHalving__Output | null);
  'maxConcurrentJobs': (number);
}
