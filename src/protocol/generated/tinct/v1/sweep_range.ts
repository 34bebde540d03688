// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

export interface SweepRange {
  'min'?: (number | string);
  'max'?: (number | string);
  'logarithmic'?: (boolean);
  'points'?: (number);
}

export interface SweepRange__Output {
  'min': (number);
  'max': (number);
  'logarithmic': (boolean);
  'points': (number);
}
