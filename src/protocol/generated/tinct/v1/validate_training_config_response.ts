// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type { FieldViolation as _tinct_v1_FieldViolation, FieldViolation__Output as _tinct_v1_FieldViolation__Output } from '../../tinct/v1/field_violation.ts';
import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../tinct/v1/training_config.ts';
import type { DatasetReport as _tinct_v1_DatasetReport, DatasetReport__Output as _tinct_v1_DatasetReport__Output } from '../../tinct/v1/dataset_report.ts';
import type { ResourceReport as _tinct_v1_ResourceReport, ResourceReport__Output as _tinct_v1_ResourceReport__Output } from '../../tinct/v1/resource_report.ts';

export interface ValidateTrainingConfigResponse {
  'valid'?: (boolean);
  'violations'?: (_tinct_v1_FieldViolation)[];
  'config'?: (_tinct_v1_TrainingConfig | null);
  'dataset'?: (_tinct_v1_DatasetReport | null);
  'warnings'?: (string)[];
  'resources'?: (_tinct_v1_ResourceReport | null);
}

export interface ValidateTrainingConfigResponse__Output {
  'valid': (boolean);
  'violations': (_tinct_v1_FieldViolation__Output)[];
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'dataset': (_tinct_v1_DatasetReport__Output | null);
  'warnings': (string)[];
  'resources': (_tinct_v1_ResourceReport__Output | null);
}
