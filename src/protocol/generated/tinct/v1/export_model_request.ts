// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { ExportFormat as _tinct_v1_ExportFormat, ExportFormat__Output as _tinct_v1_ExportFormat__Output } from '../../tinct/v1/export_format.ts';

export interface ExportModelRequest {
  'name'?: (string);
  'version'?: (number);
  'format'?: (_tinct_v1_ExportFormat);
  'whole'?: (boolean);
  'licence'?: (string);
}

export interface ExportModelRequest__Output {
  'name': (string);
  'version': (number);
  'format': (_tinct_v1_ExportFormat__Output);
  'whole': (boolean);
  'licence': (string);
}
