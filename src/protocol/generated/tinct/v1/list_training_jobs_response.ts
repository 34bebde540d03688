// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingJob as _tinct_v1_TrainingJob, TrainingJob__Output as _tinct_v1_TrainingJob__Output } from '../../tinct/v1/training_job.ts';

export interface ListTrainingJobsResponse {
  'jobs'?: (_tinct_v1_TrainingJob)[];
  'nextPageToken'?: (string);
}

export interface ListTrainingJobsResponse__Output {
  'jobs': (_tinct_v1_TrainingJob__Output)[];
  'nextPageToken': (string);
}
