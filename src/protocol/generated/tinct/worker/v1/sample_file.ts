// Made from protos/tinct/worker/v1/training.proto
// by `deno task protos`. Changes here get lost.

import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../../tinct/v1/image_format.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../../tinct/v1/validation.ts';
import type { SheetLayout as _tinct_v1_SheetLayout, SheetLayout__Output as _tinct_v1_SheetLayout__Output } from '../../../tinct/v1/sheet_layout.ts';
import type { Long } from '@grpc/proto-loader';

export interface SampleFile {
  'path'?: (string);
  'step'?: (number | string | Long);
  'format'?: (_tinct_v1_ImageFormat);
  'width'?: (number);
  'height'?: (number);
  'sizeBytes'?: (number | string | Long);
  'photos'?: (number);
  'measures'?: (_tinct_v1_Validation | null);
  'layout'?: (_tinct_v1_SheetLayout | null);
}

export interface SampleFile__Output {
  'path': (string);
  'step': (number);
  'format': (_tinct_v1_ImageFormat__Output);
  'width': (number);
  'height': (number);
  'sizeBytes': (number);
  'photos': (number);
  'measures': (_tinct_v1_Validation__Output | null);
  'layout': (_tinct_v1_SheetLayout__Output | null);
}
