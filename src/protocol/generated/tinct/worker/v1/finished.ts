// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { Outcome as _tinct_worker_v1_Outcome, Outcome__Output as _tinct_worker_v1_Outcome__Output } from '../../../tinct/worker/v1/outcome.ts';
import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../../tinct/v1/fault.ts';
import type { Long } from '@grpc/proto-loader';

export interface Finished {
  'outcome'?: (_tinct_worker_v1_Outcome);
  'step'?: (number | string | Long);
  'fault'?: (_tinct_v1_Fault | null);
  'message'?: (string);
}

export interface Finished__Output {
  'outcome': (_tinct_worker_v1_Outcome__Output);
  'step': (number);
  'fault': (_tinct_v1_Fault__Output | null);
  'message': (string);
}
