// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { DatasetFile as _tinct_v1_DatasetFile, DatasetFile__Output as _tinct_v1_DatasetFile__Output } from '../../tinct/v1/dataset_file.ts';

export interface ListDatasetFilesResponse {
  'files'?: (_tinct_v1_DatasetFile)[];
  'nextPageToken'?: (string);
}

export interface ListDatasetFilesResponse__Output {
  'files': (_tinct_v1_DatasetFile__Output)[];
  'nextPageToken': (string);
}
