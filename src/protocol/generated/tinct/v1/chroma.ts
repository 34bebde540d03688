// Made from protos/tinct/v1/color_hint.proto
// by `deno task protos`. Changes here get lost.

export interface Chroma {
  'a'?: (number | string);
  'b'?: (number | string);
}

export interface Chroma__Output {
  'a': (number);
  'b': (number);
}
