// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ModelReference as _tinct_v1_ModelReference, ModelReference__Output as _tinct_v1_ModelReference__Output } from '../../tinct/v1/model_reference.ts';

export interface FrameSettings {
  'model'?: (_tinct_v1_ModelReference | null);
  'width'?: (number);
  'height'?: (number);
  'saturation'?: (number | string);
  'eachAlone'?: (boolean);
  '_saturation'?: "saturation";
}

export interface FrameSettings__Output {
  'model': (_tinct_v1_ModelReference__Output | null);
  'width': (number);
  'height': (number);
  'saturation'?: (number);
  'eachAlone': (boolean);
  '_saturation'?: "saturation";
}
