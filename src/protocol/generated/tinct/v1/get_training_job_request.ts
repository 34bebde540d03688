// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

export interface GetTrainingJobRequest {
  'jobId'?: (string);
}

export interface GetTrainingJobRequest__Output {
  'jobId': (string);
}
