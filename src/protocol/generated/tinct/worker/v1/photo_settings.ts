// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../../tinct/v1/image_format.ts';
import type { ColorHint as _tinct_v1_ColorHint, ColorHint__Output as _tinct_v1_ColorHint__Output } from '../../../tinct/v1/color_hint.ts';
import type { PixelSize as _tinct_worker_v1_PixelSize, PixelSize__Output as _tinct_worker_v1_PixelSize__Output } from '../../../tinct/worker/v1/pixel_size.ts';
import type { Long } from '@grpc/proto-loader';

export interface PhotoSettings {
  'modelId'?: (number | string | Long);
  'format'?: (_tinct_v1_ImageFormat);
  'quality'?: (number);
  'saturation'?: (number | string);
  'maxSide'?: (number);
  'stripMetadata'?: (boolean);
  'hints'?: (_tinct_v1_ColorHint)[];
  'removeCast'?: (boolean);
  'refine'?: (boolean);
  'pixels'?: (_tinct_worker_v1_PixelSize | null);
  'asPixels'?: (boolean);
  'videoId'?: (string);
  'loneFrame'?: (boolean);
}

export interface PhotoSettings__Output {
  'modelId': (number);
  'format': (_tinct_v1_ImageFormat__Output);
  'quality': (number);
  'saturation': (number);
  'maxSide': (number);
  'stripMetadata': (boolean);
  'hints': (_tinct_v1_ColorHint__Output)[];
  'removeCast': (boolean);
  'refine': (boolean);
  'pixels': (_tinct_worker_v1_PixelSize__Output | null);
  'asPixels': (boolean);
  'videoId': (string);
  'loneFrame': (boolean);
}
