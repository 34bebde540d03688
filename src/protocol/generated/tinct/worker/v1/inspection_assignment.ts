// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export interface InspectionAssignment {
  'datasetFolder'?: (string);
}

export interface InspectionAssignment__Output {
  'datasetFolder': (string);
}
