// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

import type { SweepValues as _tinct_v1_SweepValues, SweepValues__Output as _tinct_v1_SweepValues__Output } from '../../tinct/v1/sweep_values.ts';
import type { SweepRange as _tinct_v1_SweepRange, SweepRange__Output as _tinct_v1_SweepRange__Output } from '../../tinct/v1/sweep_range.ts';

export interface SweepParameter {
  'option'?: (string);
  'values'?: (_tinct_v1_SweepValues | null);
  'range'?: (_tinct_v1_SweepRange | null);
  'domain'?: "values"|"range";
}

export interface SweepParameter__Output {
  'option': (string);
  'values'?: (_tinct_v1_SweepValues__Output | null);
  'range'?: (_tinct_v1_SweepRange__Output | null);
  'domain'?: "values"|"range";
}
