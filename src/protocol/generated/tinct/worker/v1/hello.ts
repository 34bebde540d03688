// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export interface Hello {
  'token'?: (string);
  'pid'?: (number);
  'version'?: (string);
  'runtimeVersion'?: (string);
}

export interface Hello__Output {
  'token': (string);
  'pid': (number);
  'version': (string);
  'runtimeVersion': (string);
}
