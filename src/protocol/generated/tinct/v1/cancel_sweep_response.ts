// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

import type { Sweep as _tinct_v1_Sweep, Sweep__Output as _tinct_v1_Sweep__Output } from '../../tinct/v1/sweep.ts';

export interface CancelSweepResponse {
  'sweep'?: (_tinct_v1_Sweep | null);
}

export interface CancelSweepResponse__Output {
  'sweep': (_tinct_v1_Sweep__Output | null);
}
