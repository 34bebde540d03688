// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { Dataset as _tinct_v1_Dataset, Dataset__Output as _tinct_v1_Dataset__Output } from '../../tinct/v1/dataset.ts';

export interface ListDatasetsResponse {
  'datasets'?: (_tinct_v1_Dataset)[];
  'nextPageToken'?: (string);
}

export interface ListDatasetsResponse__Output {
  'datasets': (_tinct_v1_Dataset__Output)[];
  'nextPageToken': (string);
}
