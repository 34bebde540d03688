// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

import type { SweepSpec as _tinct_v1_SweepSpec, SweepSpec__Output as _tinct_v1_SweepSpec__Output } from '../../tinct/v1/sweep_spec.ts';

export interface CreateSweepRequest {
  'spec'?: (_tinct_v1_SweepSpec | null);
  'displayName'?: (string);
  'requestId'?: (string);
}

export interface CreateSweepRequest__Output {
  'spec': (_tinct_v1_SweepSpec__Output | null);
  'displayName': (string);
  'requestId': (string);
}
