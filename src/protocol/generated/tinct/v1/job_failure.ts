// Made from protos/tinct/v1/training_job.proto
// by `deno task protos`. Changes here get lost.

export interface JobFailure {
  'code'?: (number);
  'message'?: (string);
}

export interface JobFailure__Output {
  'code': (number);
  'message': (string);
}
