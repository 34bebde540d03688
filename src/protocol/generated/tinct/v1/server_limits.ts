// Made from protos/tinct/v1/server_capabilities.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../google/protobuf/duration.ts';
import type { Long } from '@grpc/proto-loader';

export interface ServerLimits {
  'maxReceiveBytes'?: (number | string | Long);
  'maxSendBytes'?: (number | string | Long);
  'maxChunkBytes'?: (number | string | Long);
  'maxPhotoPixels'?: (number | string | Long);
  'maxPhotoSide'?: (number);
  'maxPhotoBytes'?: (number | string | Long);
  'maxQueuedJobs'?: (number);
  'maxQueuedPhotos'?: (number);
  'maxDatasetPhotos'?: (number | string | Long);
  'maxDatasetBytes'?: (number | string | Long);
  'maxLostWorkers'?: (number);
  'defaultDeadline'?: (_google_protobuf_Duration | null);
}

export interface ServerLimits__Output {
  'maxReceiveBytes': (number);
  'maxSendBytes': (number);
  'maxChunkBytes': (number);
  'maxPhotoPixels': (number);
  'maxPhotoSide': (number);
  'maxPhotoBytes': (number);
  'maxQueuedJobs': (number);
  'maxQueuedPhotos': (number);
  'maxDatasetPhotos': (number);
  'maxDatasetBytes': (number);
  'maxLostWorkers': (number);
  'defaultDeadline': (_google_protobuf_Duration__Output | null);
}
