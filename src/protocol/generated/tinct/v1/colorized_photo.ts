// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../tinct/v1/image_format.ts';
import type { ModelReference as _tinct_v1_ModelReference, ModelReference__Output as _tinct_v1_ModelReference__Output } from '../../tinct/v1/model_reference.ts';
import type { ColorizeTimings as _tinct_v1_ColorizeTimings, ColorizeTimings__Output as _tinct_v1_ColorizeTimings__Output } from '../../tinct/v1/colorize_timings.ts';
import type { PictureColors as _tinct_v1_PictureColors, PictureColors__Output as _tinct_v1_PictureColors__Output } from '../../tinct/v1/picture_colors.ts';
import type { Long } from '@grpc/proto-loader';

export interface ColorizedPhoto {
  'format'?: (_tinct_v1_ImageFormat);
  'width'?: (number);
  'height'?: (number);
  'sizeBytes'?: (number | string | Long);
  'model'?: (_tinct_v1_ModelReference | null);
  'timings'?: (_tinct_v1_ColorizeTimings | null);
  'pagesLeftOut'?: (number);
  'colors'?: (_tinct_v1_PictureColors | null);
  'device'?: (string);
}

export interface ColorizedPhoto__Output {
  'format': (_tinct_v1_ImageFormat__Output);
  'width': (number);
  'height': (number);
  'sizeBytes': (number);
  'model': (_tinct_v1_ModelReference__Output | null);
  'timings': (_tinct_v1_ColorizeTimings__Output | null);
  'pagesLeftOut': (number);
  'colors': (_tinct_v1_PictureColors__Output | null);
  'device': (string);
}
