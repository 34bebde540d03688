// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoProblemKind as _tinct_v1_PhotoProblemKind, PhotoProblemKind__Output as _tinct_v1_PhotoProblemKind__Output } from '../../tinct/v1/photo_problem_kind.ts';

export interface PhotoProblem {
  'fileName'?: (string);
  'kind'?: (_tinct_v1_PhotoProblemKind);
  'message'?: (string);
}

export interface PhotoProblem__Output {
  'fileName': (string);
  'kind': (_tinct_v1_PhotoProblemKind__Output);
  'message': (string);
}
