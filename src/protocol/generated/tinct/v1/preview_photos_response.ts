// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { PhotoPreview as _tinct_v1_PhotoPreview, PhotoPreview__Output as _tinct_v1_PhotoPreview__Output } from '../../tinct/v1/photo_preview.ts';

export interface PreviewPhotosResponse {
  'photos'?: (_tinct_v1_PhotoPreview)[];
}

export interface PreviewPhotosResponse__Output {
  'photos': (_tinct_v1_PhotoPreview__Output)[];
}
