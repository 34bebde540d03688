// Made from protos/tinct/v1/error_details.proto
// by `deno task protos`. Changes here get lost.

import type { FieldViolation as _tinct_v1_FieldViolation, FieldViolation__Output as _tinct_v1_FieldViolation__Output } from '../../tinct/v1/field_violation.ts';

export interface Fault {
  'code'?: (number);
  'message'?: (string);
  'violations'?: (_tinct_v1_FieldViolation)[];
}

export interface Fault__Output {
  'code': (number);
  'message': (string);
  'violations': (_tinct_v1_FieldViolation__Output)[];
}
