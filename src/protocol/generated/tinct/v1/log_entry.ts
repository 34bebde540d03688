// Made from protos/tinct/v1/metrics.proto
// by `deno task protos`. Changes here get lost.

import type { LogLevel as _tinct_v1_LogLevel, LogLevel__Output as _tinct_v1_LogLevel__Output } from '../../tinct/v1/log_level.ts';

export interface LogEntry {
  'level'?: (_tinct_v1_LogLevel);
  'message'?: (string);
  'fields'?: ({[key: string]: string});
}

export interface LogEntry__Output {
  'level': (_tinct_v1_LogLevel__Output);
  'message': (string);
  'fields': ({[key: string]: string});
}
