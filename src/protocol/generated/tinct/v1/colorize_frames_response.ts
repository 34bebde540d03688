// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ColorizedFrame as _tinct_v1_ColorizedFrame, ColorizedFrame__Output as _tinct_v1_ColorizedFrame__Output } from '../../tinct/v1/colorized_frame.ts';
import type { Long } from '@grpc/proto-loader';

export interface ColorizeFramesResponse {
  'frameNumber'?: (number | string | Long);
  'frame'?: (_tinct_v1_ColorizedFrame | null);
  'data'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
}

export interface ColorizeFramesResponse__Output {
  'frameNumber': (number);
  'frame': (_tinct_v1_ColorizedFrame__Output | null);
  'data': (Buffer);
  'last': (boolean);
}
