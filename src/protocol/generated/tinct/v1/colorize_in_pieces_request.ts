// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ColorizeSettings as _tinct_v1_ColorizeSettings, ColorizeSettings__Output as _tinct_v1_ColorizeSettings__Output } from '../../tinct/v1/colorize_settings.ts';

export interface ColorizeInPiecesRequest {
  'image'?: (Buffer | Uint8Array | string);
  'settings'?: (_tinct_v1_ColorizeSettings | null);
}

export interface ColorizeInPiecesRequest__Output {
  'image': (Buffer);
  'settings': (_tinct_v1_ColorizeSettings__Output | null);
}
