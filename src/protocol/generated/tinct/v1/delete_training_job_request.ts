// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteTrainingJobRequest {
  'jobId'?: (string);
}

export interface DeleteTrainingJobRequest__Output {
  'jobId': (string);
}
