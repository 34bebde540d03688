// Made from protos/tinct/v1/picture_colors.proto
// by `deno task protos`. Changes here get lost.

import type { Chroma as _tinct_v1_Chroma, Chroma__Output as _tinct_v1_Chroma__Output } from '../../tinct/v1/chroma.ts';

export interface PictureColors {
  'colorfulness'?: (number | string);
  'cast'?: (_tinct_v1_Chroma | null);
  'nearlyGray'?: (boolean);
}

export interface PictureColors__Output {
  'colorfulness': (number);
  'cast': (_tinct_v1_Chroma__Output | null);
  'nearlyGray': (boolean);
}
