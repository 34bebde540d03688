// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ModelReference as _tinct_v1_ModelReference, ModelReference__Output as _tinct_v1_ModelReference__Output } from '../../tinct/v1/model_reference.ts';
import type { ColorizeTimings as _tinct_v1_ColorizeTimings, ColorizeTimings__Output as _tinct_v1_ColorizeTimings__Output } from '../../tinct/v1/colorize_timings.ts';

export interface ColorizedFrame {
  'startsShot'?: (boolean);
  'model'?: (_tinct_v1_ModelReference | null);
  'timings'?: (_tinct_v1_ColorizeTimings | null);
  'device'?: (string);
}

export interface ColorizedFrame__Output {
  'startsShot': (boolean);
  'model': (_tinct_v1_ModelReference__Output | null);
  'timings': (_tinct_v1_ColorizeTimings__Output | null);
  'device': (string);
}
