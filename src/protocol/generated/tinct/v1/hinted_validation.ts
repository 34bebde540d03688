// Made from protos/tinct/v1/validation.proto
// by `deno task protos`. Changes here get lost.

export interface HintedValidation {
  'hints'?: (number);
  'psnrDb'?: (number | string);
  'deltaE2000'?: (number | string);
  'abError'?: (number | string);
  'hintError'?: (number | string);
  '_psnrDb'?: "psnrDb";
  '_deltaE2000'?: "deltaE2000";
  '_abError'?: "abError";
  '_hintError'?: "hintError";
}

export interface HintedValidation__Output {
  'hints': (number);
  'psnrDb'?: (number);
  'deltaE2000'?: (number);
  'abError'?: (number);
  'hintError'?: (number);
  '_psnrDb'?: "psnrDb";
  '_deltaE2000'?: "deltaE2000";
  '_abError'?: "abError";
  '_hintError'?: "hintError";
}
