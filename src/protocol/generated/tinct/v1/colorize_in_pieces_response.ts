// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ColorizedPhoto as _tinct_v1_ColorizedPhoto, ColorizedPhoto__Output as _tinct_v1_ColorizedPhoto__Output } from '../../tinct/v1/colorized_photo.ts';

export interface ColorizeInPiecesResponse {
  'photo'?: (_tinct_v1_ColorizedPhoto | null);
  'data'?: (Buffer | Uint8Array | string);
}

export interface ColorizeInPiecesResponse__Output {
  'photo': (_tinct_v1_ColorizedPhoto__Output | null);
  'data': (Buffer);
}
