// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ColorizeSettings as _tinct_v1_ColorizeSettings, ColorizeSettings__Output as _tinct_v1_ColorizeSettings__Output } from '../../tinct/v1/colorize_settings.ts';

export interface ColorizeStreamRequest {
  'photoId'?: (string);
  'settings'?: (_tinct_v1_ColorizeSettings | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
}

export interface ColorizeStreamRequest__Output {
  'photoId': (string);
  'settings': (_tinct_v1_ColorizeSettings__Output | null);
  'data': (Buffer);
  'last': (boolean);
}
