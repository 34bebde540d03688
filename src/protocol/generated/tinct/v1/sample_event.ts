// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../tinct/v1/image_format.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../tinct/v1/validation.ts';
import type { SheetLayout as _tinct_v1_SheetLayout, SheetLayout__Output as _tinct_v1_SheetLayout__Output } from '../../tinct/v1/sheet_layout.ts';
import type { Long } from '@grpc/proto-loader';

export interface SampleEvent {
  'step'?: (number | string | Long);
  'image'?: (Buffer | Uint8Array | string);
  'format'?: (_tinct_v1_ImageFormat);
  'width'?: (number);
  'height'?: (number);
  'originalWidth'?: (number);
  'originalHeight'?: (number);
  'photos'?: (number);
  'measures'?: (_tinct_v1_Validation | null);
  'layout'?: (_tinct_v1_SheetLayout | null);
}

export interface SampleEvent__Output {
  'step': (number);
  'image': (Buffer);
  'format': (_tinct_v1_ImageFormat__Output);
  'width': (number);
  'height': (number);
  'originalWidth': (number);
  'originalHeight': (number);
  'photos': (number);
  'measures': (_tinct_v1_Validation__Output | null);
  'layout': (_tinct_v1_SheetLayout__Output | null);
}
