// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { ExportedFile as _tinct_v1_ExportedFile, ExportedFile__Output as _tinct_v1_ExportedFile__Output } from '../../tinct/v1/exported_file.ts';

export interface ExportModelResponse {
  'files'?: (_tinct_v1_ExportedFile)[];
  'version'?: (number);
  'data'?: (Buffer | Uint8Array | string);
}

export interface ExportModelResponse__Output {
  'files': (_tinct_v1_ExportedFile__Output)[];
  'version': (number);
  'data': (Buffer);
}
