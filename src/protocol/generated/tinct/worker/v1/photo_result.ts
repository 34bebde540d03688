// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../../tinct/v1/image_format.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/duration.ts';
import type { PictureColors as _tinct_v1_PictureColors, PictureColors__Output as _tinct_v1_PictureColors__Output } from '../../../tinct/v1/picture_colors.ts';
import type { Long } from '@grpc/proto-loader';

export interface PhotoResult {
  'format'?: (_tinct_v1_ImageFormat);
  'width'?: (number);
  'height'?: (number);
  'sizeBytes'?: (number | string | Long);
  'decodeTime'?: (_google_protobuf_Duration | null);
  'batchTime'?: (_google_protobuf_Duration | null);
  'modelTime'?: (_google_protobuf_Duration | null);
  'encodeTime'?: (_google_protobuf_Duration | null);
  'batchSize'?: (number);
  'pagesLeftOut'?: (number);
  'colors'?: (_tinct_v1_PictureColors | null);
  'startsShot'?: (boolean);
}

export interface PhotoResult__Output {
  'format': (_tinct_v1_ImageFormat__Output);
  'width': (number);
  'height': (number);
  'sizeBytes': (number);
  'decodeTime': (_google_protobuf_Duration__Output | null);
  'batchTime': (_google_protobuf_Duration__Output | null);
  'modelTime': (_google_protobuf_Duration__Output | null);
  'encodeTime': (_google_protobuf_Duration__Output | null);
  'batchSize': (number);
  'pagesLeftOut': (number);
  'colors': (_tinct_v1_PictureColors__Output | null);
  'startsShot': (boolean);
}
