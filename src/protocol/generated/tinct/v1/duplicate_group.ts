// Made from protos/tinct/v1/dataset.proto
// by `deno task protos`. Changes here get lost.

export interface DuplicateGroup {
  'fileNames'?: (string)[];
  'photos'?: (number);
}

export interface DuplicateGroup__Output {
  'fileNames': (string)[];
  'photos': (number);
}
