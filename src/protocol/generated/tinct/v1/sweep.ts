// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

import type { SweepSpec as _tinct_v1_SweepSpec, SweepSpec__Output as _tinct_v1_SweepSpec__Output } from '../../tinct/v1/sweep_spec.ts';
import type { SweepState as _tinct_v1_SweepState, SweepState__Output as _tinct_v1_SweepState__Output } from '../../tinct/v1/sweep_state.ts';
import type { SweepTrial as _tinct_v1_SweepTrial, SweepTrial__Output as _tinct_v1_SweepTrial__Output } from '../../tinct/v1/sweep_trial.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';

export interface Sweep {
  'sweepId'?: (string);
  'displayName'?: (string);
  'spec'?: (_tinct_v1_SweepSpec | null);
  'state'?: (_tinct_v1_SweepState);
  'message'?: (string);
  'trials'?: (_tinct_v1_SweepTrial)[];
  'bestTrial'?: (number);
  'createTime'?: (_google_protobuf_Timestamp | null);
  'endTime'?: (_google_protobuf_Timestamp | null);
  '_bestTrial'?: "bestTrial";
}

export interface Sweep__Output {
  'sweepId': (string);
  'displayName': (string);
  'spec': (_tinct_v1_SweepSpec__Output | null);
  'state': (_tinct_v1_SweepState__Output);
  'message': (string);
  'trials': (_tinct_v1_SweepTrial__Output)[];
  'bestTrial'?: (number);
  'createTime': (_google_protobuf_Timestamp__Output | null);
  'endTime': (_google_protobuf_Timestamp__Output | null);
  '_bestTrial'?: "bestTrial";
}
