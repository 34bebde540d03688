// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoLimits as _tinct_worker_v1_PhotoLimits, PhotoLimits__Output as _tinct_worker_v1_PhotoLimits__Output } from '../../../tinct/worker/v1/photo_limits.ts';

export interface PreviewAssignment {
  'datasetFolder'?: (string);
  'fileNames'?: (string)[];
  'maxSide'?: (number);
  'photoLimits'?: (_tinct_worker_v1_PhotoLimits | null);
}

export interface PreviewAssignment__Output {
  'datasetFolder': (string);
  'fileNames': (string)[];
  'maxSide': (number);
  'photoLimits': (_tinct_worker_v1_PhotoLimits__Output | null);
}
