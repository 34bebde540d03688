// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

import type { Sweep as _tinct_v1_Sweep, Sweep__Output as _tinct_v1_Sweep__Output } from '../../tinct/v1/sweep.ts';

export interface ListSweepsResponse {
  'sweeps'?: (_tinct_v1_Sweep)[];
  'nextPageToken'?: (string);
}

export interface ListSweepsResponse__Output {
  'sweeps': (_tinct_v1_Sweep__Output)[];
  'nextPageToken': (string);
}
