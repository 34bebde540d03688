// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { Dataset as _tinct_v1_Dataset, Dataset__Output as _tinct_v1_Dataset__Output } from '../../tinct/v1/dataset.ts';
import type { DatasetReport as _tinct_v1_DatasetReport, DatasetReport__Output as _tinct_v1_DatasetReport__Output } from '../../tinct/v1/dataset_report.ts';

export interface GetDatasetResponse {
  'dataset'?: (_tinct_v1_Dataset | null);
  'report'?: (_tinct_v1_DatasetReport | null);
}

export interface GetDatasetResponse__Output {
  'dataset': (_tinct_v1_Dataset__Output | null);
  'report': (_tinct_v1_DatasetReport__Output | null);
}
