// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

export interface ColorizingReady {
  'maxPhotos'?: (number);
}

export interface ColorizingReady__Output {
  'maxPhotos': (number);
}
