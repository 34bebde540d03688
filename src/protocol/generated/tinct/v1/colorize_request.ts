// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ModelReference as _tinct_v1_ModelReference, ModelReference__Output as _tinct_v1_ModelReference__Output } from '../../tinct/v1/model_reference.ts';
import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../tinct/v1/image_format.ts';
import type { ColorHint as _tinct_v1_ColorHint, ColorHint__Output as _tinct_v1_ColorHint__Output } from '../../tinct/v1/color_hint.ts';

export interface ColorizeRequest {
  'image'?: (Buffer | Uint8Array | string);
  'model'?: (_tinct_v1_ModelReference | null);
  'format'?: (_tinct_v1_ImageFormat);
  'quality'?: (number);
  'saturation'?: (number | string);
  'maxSide'?: (number);
  'stripMetadata'?: (boolean);
  'hints'?: (_tinct_v1_ColorHint)[];
  'strokes'?: (Buffer | Uint8Array | string);
  'reference'?: (Buffer | Uint8Array | string);
  'removeCast'?: (boolean);
  'refine'?: (boolean);
  '_saturation'?: "saturation";
}

export interface ColorizeRequest__Output {
  'image': (Buffer);
  'model': (_tinct_v1_ModelReference__Output | null);
  'format': (_tinct_v1_ImageFormat__Output);
  'quality': (number);
  'saturation'?: (number);
  'maxSide': (number);
  'stripMetadata': (boolean);
  'hints': (_tinct_v1_ColorHint__Output)[];
  'strokes': (Buffer);
  'reference': (Buffer);
  'removeCast': (boolean);
  'refine': (boolean);
  '_saturation'?: "saturation";
}
