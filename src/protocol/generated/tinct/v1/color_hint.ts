// Made from protos/tinct/v1/color_hint.proto
// by `deno task protos`. Changes here get lost.

import type { Chroma as _tinct_v1_Chroma, Chroma__Output as _tinct_v1_Chroma__Output } from '../../tinct/v1/chroma.ts';

export interface ColorHint {
  'x'?: (number | string);
  'y'?: (number | string);
  'radius'?: (number | string);
  'rgb'?: (number);
  'ab'?: (_tinct_v1_Chroma | null);
  'color'?: "rgb"|"ab";
}

export interface ColorHint__Output {
  'x': (number);
  'y': (number);
  'radius': (number);
  'rgb'?: (number);
  'ab'?: (_tinct_v1_Chroma__Output | null);
  'color'?: "rgb"|"ab";
}
