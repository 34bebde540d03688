// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

import type { Fault as _tinct_v1_Fault, Fault__Output as _tinct_v1_Fault__Output } from '../../tinct/v1/fault.ts';

export interface PhotoPreview {
  'fileName'?: (string);
  'image'?: (Buffer | Uint8Array | string);
  'width'?: (number);
  'height'?: (number);
  'fault'?: (_tinct_v1_Fault | null);
}

export interface PhotoPreview__Output {
  'fileName': (string);
  'image': (Buffer);
  'width': (number);
  'height': (number);
  'fault': (_tinct_v1_Fault__Output | null);
}
