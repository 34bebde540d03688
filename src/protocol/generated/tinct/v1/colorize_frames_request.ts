// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { FrameSettings as _tinct_v1_FrameSettings, FrameSettings__Output as _tinct_v1_FrameSettings__Output } from '../../tinct/v1/frame_settings.ts';

export interface ColorizeFramesRequest {
  'settings'?: (_tinct_v1_FrameSettings | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
}

export interface ColorizeFramesRequest__Output {
  'settings': (_tinct_v1_FrameSettings__Output | null);
  'data': (Buffer);
  'last': (boolean);
}
