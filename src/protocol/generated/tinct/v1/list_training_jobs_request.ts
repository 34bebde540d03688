// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { JobState as _tinct_v1_JobState, JobState__Output as _tinct_v1_JobState__Output } from '../../tinct/v1/job_state.ts';

export interface ListTrainingJobsRequest {
  'states'?: (_tinct_v1_JobState)[];
  'labels'?: ({[key: string]: string});
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListTrainingJobsRequest__Output {
  'states': (_tinct_v1_JobState__Output)[];
  'labels': ({[key: string]: string});
  'pageSize': (number);
  'pageToken': (string);
}
