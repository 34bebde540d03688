// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/duration.ts';

export interface Lease {
  'remaining'?: (_google_protobuf_Duration | null);
}

export interface Lease__Output {
  'remaining': (_google_protobuf_Duration__Output | null);
}
