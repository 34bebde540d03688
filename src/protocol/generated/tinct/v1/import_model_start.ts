// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type { ImportFile as _tinct_v1_ImportFile, ImportFile__Output as _tinct_v1_ImportFile__Output } from '../../tinct/v1/import_file.ts';

export interface ImportModelStart {
  'name'?: (string);
  'description'?: (string);
  'profile'?: (string);
  'files'?: (_tinct_v1_ImportFile)[];
}

export interface ImportModelStart__Output {
  'name': (string);
  'description': (string);
  'profile': (string);
  'files': (_tinct_v1_ImportFile__Output)[];
}
