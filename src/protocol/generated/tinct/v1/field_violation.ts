// Made from protos/tinct/v1/error_details.proto
// by `deno task protos`. Changes here get lost.

export interface FieldViolation {
  'field'?: (string);
  'description'?: (string);
}

export interface FieldViolation__Output {
  'field': (string);
  'description': (string);
}
