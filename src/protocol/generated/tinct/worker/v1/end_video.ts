// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

export interface EndVideo {
  'videoId'?: (string);
}

export interface EndVideo__Output {
  'videoId': (string);
}
