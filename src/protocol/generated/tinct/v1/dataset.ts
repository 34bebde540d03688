// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

import type { DatasetState as _tinct_v1_DatasetState, DatasetState__Output as _tinct_v1_DatasetState__Output } from '../../tinct/v1/dataset_state.ts';
import type { DatasetSource as _tinct_v1_DatasetSource, DatasetSource__Output as _tinct_v1_DatasetSource__Output } from '../../tinct/v1/dataset_source.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { Long } from '@grpc/proto-loader';

export interface Dataset {
  'name'?: (string);
  'state'?: (_tinct_v1_DatasetState);
  'source'?: (_tinct_v1_DatasetSource);
  'photos'?: (number | string | Long);
  'sizeBytes'?: (number | string | Long);
  'createTime'?: (_google_protobuf_Timestamp | null);
  'updateTime'?: (_google_protobuf_Timestamp | null);
}

export interface Dataset__Output {
  'name': (string);
  'state': (_tinct_v1_DatasetState__Output);
  'source': (_tinct_v1_DatasetSource__Output);
  'photos': (number);
  'sizeBytes': (number);
  'createTime': (_google_protobuf_Timestamp__Output | null);
  'updateTime': (_google_protobuf_Timestamp__Output | null);
}
