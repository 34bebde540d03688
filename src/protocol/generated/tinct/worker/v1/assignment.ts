// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { TrainingAssignment as _tinct_worker_v1_TrainingAssignment, TrainingAssignment__Output as _tinct_worker_v1_TrainingAssignment__Output } from '../../../tinct/worker/v1/training_assignment.ts';
import type { ColorizingAssignment as _tinct_worker_v1_ColorizingAssignment, ColorizingAssignment__Output as _tinct_worker_v1_ColorizingAssignment__Output } from '../../../tinct/worker/v1/colorizing_assignment.ts';
import type { InspectionAssignment as _tinct_worker_v1_InspectionAssignment, InspectionAssignment__Output as _tinct_worker_v1_InspectionAssignment__Output } from '../../../tinct/worker/v1/inspection_assignment.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/duration.ts';
import type { MeasurementAssignment as _tinct_worker_v1_MeasurementAssignment, MeasurementAssignment__Output as _tinct_worker_v1_MeasurementAssignment__Output } from '../../../tinct/worker/v1/measurement_assignment.ts';
import type { ScalingAssignment as _tinct_worker_v1_ScalingAssignment, ScalingAssignment__Output as _tinct_worker_v1_ScalingAssignment__Output } from '../../../tinct/worker/v1/scaling_assignment.ts';
import type { PreviewAssignment as _tinct_worker_v1_PreviewAssignment, PreviewAssignment__Output as _tinct_worker_v1_PreviewAssignment__Output } from '../../../tinct/worker/v1/preview_assignment.ts';
import type { ExaminationAssignment as _tinct_worker_v1_ExaminationAssignment, ExaminationAssignment__Output as _tinct_worker_v1_ExaminationAssignment__Output } from '../../../tinct/worker/v1/examination_assignment.ts';

export interface Assignment {
  'training'?: (_tinct_worker_v1_TrainingAssignment | null);
  'colorizing'?: (_tinct_worker_v1_ColorizingAssignment | null);
  'inspection'?: (_tinct_worker_v1_InspectionAssignment | null);
  'heartbeatInterval'?: (_google_protobuf_Duration | null);
  'measurement'?: (_tinct_worker_v1_MeasurementAssignment | null);
  'scaling'?: (_tinct_worker_v1_ScalingAssignment | null);
  'preview'?: (_tinct_worker_v1_PreviewAssignment | null);
  'examination'?: (_tinct_worker_v1_ExaminationAssignment | null);
  'work'?: "training"|"colorizing"|"inspection"|"preview"|"measurement"|"scaling"|"examination";
}

export interface Assignment__Output {
  'training'?: (_tinct_worker_v1_TrainingAssignment__Output | null);
  'colorizing'?: (_tinct_worker_v1_ColorizingAssignment__Output | null);
  'inspection'?: (_tinct_worker_v1_InspectionAssignment__Output | null);
  'heartbeatInterval': (_google_protobuf_Duration__Output | null);
  'measurement'?: (_tinct_worker_v1_MeasurementAssignment__Output | null);
  'scaling'?: (_tinct_worker_v1_ScalingAssignment__Output | null);
  'preview'?: (_tinct_worker_v1_PreviewAssignment__Output | null);
  'examination'?: (_tinct_worker_v1_ExaminationAssignment__Output | null);
  'work'?: "training"|"colorizing"|"inspection"|"preview"|"measurement"|"scaling"|"examination";
}
