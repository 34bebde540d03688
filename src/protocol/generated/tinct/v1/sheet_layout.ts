// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

import type { SheetColumn as _tinct_v1_SheetColumn, SheetColumn__Output as _tinct_v1_SheetColumn__Output } from '../../tinct/v1/sheet_column.ts';
import type { SheetPhoto as _tinct_v1_SheetPhoto, SheetPhoto__Output as _tinct_v1_SheetPhoto__Output } from '../../tinct/v1/sheet_photo.ts';

export interface SheetLayout {
  'size'?: (number);
  'pitch'?: (number);
  'columns'?: (_tinct_v1_SheetColumn)[];
  'photos'?: (_tinct_v1_SheetPhoto)[];
}

export interface SheetLayout__Output {
  'size': (number);
  'pitch': (number);
  'columns': (_tinct_v1_SheetColumn__Output)[];
  'photos': (_tinct_v1_SheetPhoto__Output)[];
}
