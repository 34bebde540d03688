// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { JobState as _tinct_v1_JobState, JobState__Output as _tinct_v1_JobState__Output } from '../../tinct/v1/job_state.ts';
import type { JobTrigger as _tinct_v1_JobTrigger, JobTrigger__Output as _tinct_v1_JobTrigger__Output } from '../../tinct/v1/job_trigger.ts';
import type { JobFailure as _tinct_v1_JobFailure, JobFailure__Output as _tinct_v1_JobFailure__Output } from '../../tinct/v1/job_failure.ts';
import type { Long } from '@grpc/proto-loader';

export interface StateEvent {
  'from'?: (_tinct_v1_JobState);
  'to'?: (_tinct_v1_JobState);
  'trigger'?: (_tinct_v1_JobTrigger);
  'message'?: (string);
  'failure'?: (_tinct_v1_JobFailure | null);
  'exitCode'?: (number);
  'signal'?: (string);
  'step'?: (number | string | Long);
  '_exitCode'?: "exitCode";
  '_step'?: "step";
}

export interface StateEvent__Output {
  'from': (_tinct_v1_JobState__Output);
  'to': (_tinct_v1_JobState__Output);
  'trigger': (_tinct_v1_JobTrigger__Output);
  'message': (string);
  'failure': (_tinct_v1_JobFailure__Output | null);
  'exitCode'?: (number);
  'signal': (string);
  'step'?: (number);
  '_exitCode'?: "exitCode";
  '_step'?: "step";
}
