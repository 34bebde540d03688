// Made from protos/tinct/v1/sweep.proto
// by `deno task protos`. Changes here get lost.

export interface SweepValue {
  'number'?: (number | string);
  'word'?: (string);
  'flag'?: (boolean);
  'value'?: "number"|"word"|"flag";
}

export interface SweepValue__Output {
  'number'?: (number);
  'word'?: (string);
  'flag'?: (boolean);
  'value'?: "number"|"word"|"flag";
}
