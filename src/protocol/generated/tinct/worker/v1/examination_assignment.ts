// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export interface ExaminationAssignment {
  'folder'?: (string);
  'fileName'?: (string);
  'profile'?: (string);
  'device'?: (string);
  'threads'?: (number);
}

export interface ExaminationAssignment__Output {
  'folder': (string);
  'fileName': (string);
  'profile': (string);
  'device': (string);
  'threads': (number);
}
