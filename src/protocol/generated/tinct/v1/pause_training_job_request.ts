// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

export interface PauseTrainingJobRequest {
  'jobId'?: (string);
}

export interface PauseTrainingJobRequest__Output {
  'jobId': (string);
}
