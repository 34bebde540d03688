// Made from protos/tinct/v1/server_capabilities.proto
// by `deno task protos`. Changes here get lost.

import type { OptionKind as _tinct_v1_OptionKind, OptionKind__Output as _tinct_v1_OptionKind__Output } from '../../tinct/v1/option_kind.ts';

export interface TrainingOption {
  'name'?: (string);
  'kind'?: (_tinct_v1_OptionKind);
  'defaultValue'?: (string);
  'min'?: (number | string);
  'max'?: (number | string);
  'choices'?: (string)[];
  'unit'?: (string);
  'help'?: (string);
}

export interface TrainingOption__Output {
  'name': (string);
  'kind': (_tinct_v1_OptionKind__Output);
  'defaultValue': (string);
  'min': (number);
  'max': (number);
  'choices': (string)[];
  'unit': (string);
  'help': (string);
}
