// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { Device as _tinct_v1_Device, Device__Output as _tinct_v1_Device__Output } from '../../tinct/v1/device.ts';
import type { GanMode as _tinct_v1_GanMode, GanMode__Output as _tinct_v1_GanMode__Output } from '../../tinct/v1/gan_mode.ts';
import type { ImageFormat as _tinct_v1_ImageFormat, ImageFormat__Output as _tinct_v1_ImageFormat__Output } from '../../tinct/v1/image_format.ts';
import type { TrainingOption as _tinct_v1_TrainingOption, TrainingOption__Output as _tinct_v1_TrainingOption__Output } from '../../tinct/v1/training_option.ts';
import type { ServerLimits as _tinct_v1_ServerLimits, ServerLimits__Output as _tinct_v1_ServerLimits__Output } from '../../tinct/v1/server_limits.ts';

export interface GetCapabilitiesResponse {
  'version'?: (string);
  'tensorflowVersion'?: (string);
  'devices'?: (_tinct_v1_Device)[];
  'ganModes'?: (_tinct_v1_GanMode)[];
  'imageFormats'?: (_tinct_v1_ImageFormat)[];
  'trainingOptions'?: (_tinct_v1_TrainingOption)[];
  'limits'?: (_tinct_v1_ServerLimits | null);
}

export interface GetCapabilitiesResponse__Output {
  'version': (string);
  'tensorflowVersion': (string);
  'devices': (_tinct_v1_Device__Output)[];
  'ganModes': (_tinct_v1_GanMode__Output)[];
  'imageFormats': (_tinct_v1_ImageFormat__Output)[];
  'trainingOptions': (_tinct_v1_TrainingOption__Output)[];
  'limits': (_tinct_v1_ServerLimits__Output | null);
}
