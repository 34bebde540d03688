// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

export interface LossSeries {
  'name'?: (string);
  'points'?: (number)[];
  'means'?: (number | string)[];
  'least'?: (number | string)[];
  'greatest'?: (number | string)[];
}

export interface LossSeries__Output {
  'name': (string);
  'points': (number)[];
  'means': (number)[];
  'least': (number)[];
  'greatest': (number)[];
}
