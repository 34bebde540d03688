// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type { Dataset as _tinct_v1_Dataset, Dataset__Output as _tinct_v1_Dataset__Output } from '../../tinct/v1/dataset.ts';
import type { RefusedFile as _tinct_v1_RefusedFile, RefusedFile__Output as _tinct_v1_RefusedFile__Output } from '../../tinct/v1/refused_file.ts';
import type { DatasetReport as _tinct_v1_DatasetReport, DatasetReport__Output as _tinct_v1_DatasetReport__Output } from '../../tinct/v1/dataset_report.ts';
import type { Long } from '@grpc/proto-loader';

export interface UploadPiecesResponse {
  'dataset'?: (_tinct_v1_Dataset | null);
  'filesReceived'?: (number | string | Long);
  'refused'?: (_tinct_v1_RefusedFile)[];
  'report'?: (_tinct_v1_DatasetReport | null);
  'fileName'?: (string);
  'receivedBytes'?: (number | string | Long);
}

export interface UploadPiecesResponse__Output {
  'dataset': (_tinct_v1_Dataset__Output | null);
  'filesReceived': (number);
  'refused': (_tinct_v1_RefusedFile__Output)[];
  'report': (_tinct_v1_DatasetReport__Output | null);
  'fileName': (string);
  'receivedBytes': (number);
}
