// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

import type { SweepValue as _tinct_v1_SweepValue, SweepValue__Output as _tinct_v1_SweepValue__Output } from '../../tinct/v1/sweep_value.ts';

export interface SweepValues {
  'values'?: (_tinct_v1_SweepValue)[];
}

export interface SweepValues__Output {
  'values': (_tinct_v1_SweepValue__Output)[];
}
