// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../tinct/v1/fault.ts';

export interface RefusedFile {
  'fileName'?: (string);
  'fault'?: (_tinct_v1_Fault | null);
}

export interface RefusedFile__Output {
  'fileName': (string);
  'fault': (_tinct_v1_Fault__Output | null);
}
