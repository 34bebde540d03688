// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

export interface SheetPhoto {
  'left'?: (number);
  'top'?: (number);
  'psnrDb'?: (number | string);
  'grayPsnrDb'?: (number | string);
  'deltaE2000'?: (number | string);
  'grayDeltaE2000'?: (number | string);
  'colorfulnessRatio'?: (number | string);
  '_psnrDb'?: "psnrDb";
  '_grayPsnrDb'?: "grayPsnrDb";
  '_deltaE2000'?: "deltaE2000";
  '_grayDeltaE2000'?: "grayDeltaE2000";
  '_colorfulnessRatio'?: "colorfulnessRatio";
}

export interface SheetPhoto__Output {
  'left': (number);
  'top': (number);
  'psnrDb'?: (number);
  'grayPsnrDb'?: (number);
  'deltaE2000'?: (number);
  'grayDeltaE2000'?: (number);
  'colorfulnessRatio'?: (number);
  '_psnrDb'?: "psnrDb";
  '_grayPsnrDb'?: "grayPsnrDb";
  '_deltaE2000'?: "deltaE2000";
  '_grayDeltaE2000'?: "grayDeltaE2000";
  '_colorfulnessRatio'?: "colorfulnessRatio";
}
