// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export interface Unforeseen {
  'reference'?: (string);
  'error'?: (string);
}

export interface Unforeseen__Output {
  'reference': (string);
  'error': (string);
}
