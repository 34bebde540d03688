// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

import type { SweepValue as _tinct_v1_SweepValue, SweepValue__Output as _tinct_v1_SweepValue__Output } from '../../tinct/v1/sweep_value.ts';
import type { SweepTrialState as _tinct_v1_SweepTrialState, SweepTrialState__Output as _tinct_v1_SweepTrialState__Output } from '../../tinct/v1/sweep_trial_state.ts';
import type { Long } from '@grpc/proto-loader';

export interface SweepTrial {
  'trial'?: (number);
  'values'?: ({[key: string]: _tinct_v1_SweepValue});
  'state'?: (_tinct_v1_SweepTrialState);
  'rung'?: (number);
  'metricValue'?: (number | string);
  'step'?: (number | string | Long);
  'jobIds'?: (string)[];
  '_metricValue'?: "metricValue";
}

export interface SweepTrial__Output {
  'trial': (number);
  'values': ({[key: string]: _tinct_v1_SweepValue__Output});
  'state': (_tinct_v1_SweepTrialState__Output);
  'rung': (number);
  'metricValue'?: (number);
  'step': (number);
  'jobIds': (string)[];
  '_metricValue'?: "metricValue";
}
