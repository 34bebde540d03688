// Made from protos/tinct/v1/stream_metrics.proto
// by `deno task protos`. Changes here get lost.

export const SheetColumn = {
  SHEET_COLUMN_UNSPECIFIED: 'SHEET_COLUMN_UNSPECIFIED',
  SHEET_COLUMN_LIGHTNESS: 'SHEET_COLUMN_LIGHTNESS',
  SHEET_COLUMN_COLORIZED: 'SHEET_COLUMN_COLORIZED',
  SHEET_COLUMN_REAL: 'SHEET_COLUMN_REAL',
  SHEET_COLUMN_CHROMA: 'SHEET_COLUMN_CHROMA',
  SHEET_COLUMN_DIFFERENCE: 'SHEET_COLUMN_DIFFERENCE',
} as const;

export type SheetColumn =
  | 'SHEET_COLUMN_UNSPECIFIED'
  | 0
  | 'SHEET_COLUMN_LIGHTNESS'
  | 1
  | 'SHEET_COLUMN_COLORIZED'
  | 2
  | 'SHEET_COLUMN_REAL'
  | 3
  | 'SHEET_COLUMN_CHROMA'
  | 4
  | 'SHEET_COLUMN_DIFFERENCE'
  | 5

export type SheetColumn__Output = typeof SheetColumn[keyof typeof SheetColumn]
