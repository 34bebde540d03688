// Made from protos/tinct/worker/v1/training.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/duration.ts';

export interface ReplicaGroup {
  'rank'?: (number);
  'addresses'?: (string)[];
  'controlPath'?: (string);
  'silence'?: (_google_protobuf_Duration | null);
}

export interface ReplicaGroup__Output {
  'rank': (number);
  'addresses': (string)[];
  'controlPath': (string);
  'silence': (_google_protobuf_Duration__Output | null);
}
