// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

export interface PixelSize {
  'width'?: (number);
  'height'?: (number);
}

export interface PixelSize__Output {
  'width': (number);
  'height': (number);
}
