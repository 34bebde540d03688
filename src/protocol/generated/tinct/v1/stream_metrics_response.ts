// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { StateEvent as _tinct_v1_StateEvent, StateEvent__Output as _tinct_v1_StateEvent__Output } from '../../tinct/v1/state_event.ts';
import type { Losses as _tinct_v1_Losses, Losses__Output as _tinct_v1_Losses__Output } from '../../tinct/v1/losses.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../tinct/v1/validation.ts';
import type { SampleEvent as _tinct_v1_SampleEvent, SampleEvent__Output as _tinct_v1_SampleEvent__Output } from '../../tinct/v1/sample_event.ts';
import type { Checkpoint as _tinct_v1_Checkpoint, Checkpoint__Output as _tinct_v1_Checkpoint__Output } from '../../tinct/v1/checkpoint.ts';
import type { LogEntry as _tinct_v1_LogEntry, LogEntry__Output as _tinct_v1_LogEntry__Output } from '../../tinct/v1/log_entry.ts';
import type { HeartbeatEvent as _tinct_v1_HeartbeatEvent, HeartbeatEvent__Output as _tinct_v1_HeartbeatEvent__Output } from '../../tinct/v1/heartbeat_event.ts';
import type { DroppedEvent as _tinct_v1_DroppedEvent, DroppedEvent__Output as _tinct_v1_DroppedEvent__Output } from '../../tinct/v1/dropped_event.ts';
import type { LossHistory as _tinct_v1_LossHistory, LossHistory__Output as _tinct_v1_LossHistory__Output } from '../../tinct/v1/loss_history.ts';
import type { Long } from '@grpc/proto-loader';

export interface StreamMetricsResponse {
  'jobId'?: (string);
  'sequence'?: (number | string | Long);
  'time'?: (_google_protobuf_Timestamp | null);
  'attempt'?: (number);
  'state'?: (_tinct_v1_StateEvent | null);
  'losses'?: (_tinct_v1_Losses | null);
  'validation'?: (_tinct_v1_Validation | null);
  'sample'?: (_tinct_v1_SampleEvent | null);
  'checkpoint'?: (_tinct_v1_Checkpoint | null);
  'log'?: (_tinct_v1_LogEntry | null);
  'heartbeat'?: (_tinct_v1_HeartbeatEvent | null);
  'dropped'?: (_tinct_v1_DroppedEvent | null);
  'history'?: (_tinct_v1_LossHistory | null);
  'event'?: "state"|"losses"|"validation"|"sample"|"checkpoint"|"log"|"heartbeat"|"dropped"|"history";
}

export interface StreamMetricsResponse__Output {
  'jobId': (string);
  'sequence': (number);
  'time': (_google_protobuf_Timestamp__Output | null);
  'attempt': (number);
  'state'?: (_tinct_v1_StateEvent__Output | null);
  'losses'?: (_tinct_v1_Losses__Output | null);
  'validation'?: (_tinct_v1_Validation__Output | null);
  'sample'?: (_tinct_v1_SampleEvent__Output | null);
  'checkpoint'?: (_tinct_v1_Checkpoint__Output | null);
  'log'?: (_tinct_v1_LogEntry__Output | null);
  'heartbeat'?: (_tinct_v1_HeartbeatEvent__Output | null);
  'dropped'?: (_tinct_v1_DroppedEvent__Output | null);
  'history'?: (_tinct_v1_LossHistory__Output | null);
  'event'?: "state"|"losses"|"validation"|"sample"|"checkpoint"|"log"|"heartbeat"|"dropped"|"history";
}
