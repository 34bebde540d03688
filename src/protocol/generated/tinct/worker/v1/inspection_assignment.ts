// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoLimits as _tinct_worker_v1_PhotoLimits, PhotoLimits__Output as _tinct_worker_v1_PhotoLimits__Output } from '../../../tinct/worker/v1/photo_limits.ts';

export interface InspectionAssignment {
  'datasetFolder'?: (string);
  'size'?: (number);
  'validationFraction'?: (number | string);
  'seed'?: (number);
  'untilTrained'?: (number);
  'photoLimits'?: (_tinct_worker_v1_PhotoLimits | null);
  '_validationFraction'?: "validationFraction";
}

export interface InspectionAssignment__Output {
  'datasetFolder': (string);
  'size': (number);
  'validationFraction'?: (number);
  'seed': (number);
  'untilTrained': (number);
  'photoLimits': (_tinct_worker_v1_PhotoLimits__Output | null);
  '_validationFraction'?: "validationFraction";
}
