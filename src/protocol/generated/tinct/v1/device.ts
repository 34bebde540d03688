// Made from protos/tinct/v1/server_capabilities.proto
// by `deno task protos`. Changes here get lost.

import type { DeviceKind as _tinct_v1_DeviceKind, DeviceKind__Output as _tinct_v1_DeviceKind__Output } from '../../tinct/v1/device_kind.ts';
import type { Precision as _tinct_v1_Precision, Precision__Output as _tinct_v1_Precision__Output } from '../../tinct/v1/precision.ts';
import type { Long } from '@grpc/proto-loader';

export interface Device {
  'name'?: (string);
  'kind'?: (_tinct_v1_DeviceKind);
  'description'?: (string);
  'memoryBytes'?: (number | string | Long);
  'precisions'?: (_tinct_v1_Precision)[];
  'jobId'?: (string);
  'replicas'?: (number);
}

export interface Device__Output {
  'name': (string);
  'kind': (_tinct_v1_DeviceKind__Output);
  'description': (string);
  'memoryBytes': (number);
  'precisions': (_tinct_v1_Precision__Output)[];
  'jobId': (string);
  'replicas': (number);
}
