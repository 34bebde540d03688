// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ColorizedPhoto as _tinct_v1_ColorizedPhoto, ColorizedPhoto__Output as _tinct_v1_ColorizedPhoto__Output } from '../../tinct/v1/colorized_photo.ts';
import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../tinct/v1/fault.ts';

export interface ColorizeStreamResponse {
  'photoId'?: (string);
  'photo'?: (_tinct_v1_ColorizedPhoto | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
  'fault'?: (_tinct_v1_Fault | null);
}

export interface ColorizeStreamResponse__Output {
  'photoId': (string);
  'photo': (_tinct_v1_ColorizedPhoto__Output | null);
  'data': (Buffer);
  'last': (boolean);
  'fault': (_tinct_v1_Fault__Output | null);
}
