// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

export interface ListCheckpointsRequest {
  'jobId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListCheckpointsRequest__Output {
  'jobId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
