// Made from protos/tinct/v1/training_job.proto
// by `deno task protos`. Changes here get lost.

import type { JobState as _tinct_v1_JobState, JobState__Output as _tinct_v1_JobState__Output } from '../../tinct/v1/job_state.ts';
import type { TrainingConfig as _tinct_v1_TrainingConfig, TrainingConfig__Output as _tinct_v1_TrainingConfig__Output } from '../../tinct/v1/training_config.ts';
import type { CheckpointReference as _tinct_v1_CheckpointReference, CheckpointReference__Output as _tinct_v1_CheckpointReference__Output } from '../../tinct/v1/checkpoint_reference.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../google/protobuf/timestamp.ts';
import type { TrainingProgress as _tinct_v1_TrainingProgress, TrainingProgress__Output as _tinct_v1_TrainingProgress__Output } from '../../tinct/v1/training_progress.ts';
import type { Losses as _tinct_v1_Losses, Losses__Output as _tinct_v1_Losses__Output } from '../../tinct/v1/losses.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../tinct/v1/validation.ts';
import type { JobFailure as _tinct_v1_JobFailure, JobFailure__Output as _tinct_v1_JobFailure__Output } from '../../tinct/v1/job_failure.ts';
import type { Long } from '@grpc/proto-loader';

export interface TrainingJob {
  'jobId'?: (string);
  'displayName'?: (string);
  'labels'?: ({[key: string]: string});
  'state'?: (_tinct_v1_JobState);
  'dataset'?: (string);
  'config'?: (_tinct_v1_TrainingConfig | null);
  'resumeFrom'?: (_tinct_v1_CheckpointReference | null);
  'startFrom'?: (_tinct_v1_CheckpointReference | null);
  'createTime'?: (_google_protobuf_Timestamp | null);
  'startTime'?: (_google_protobuf_Timestamp | null);
  'endTime'?: (_google_protobuf_Timestamp | null);
  'updateTime'?: (_google_protobuf_Timestamp | null);
  'queuePosition'?: (number);
  'device'?: (string);
  'attempt'?: (number);
  'lostWorkers'?: (number);
  'progress'?: (_tinct_v1_TrainingProgress | null);
  'latestLosses'?: (_tinct_v1_Losses | null);
  'latestValidation'?: (_tinct_v1_Validation | null);
  'failure'?: (_tinct_v1_JobFailure | null);
  'latestSequence'?: (number | string | Long);
  'origin'?: "resumeFrom"|"startFrom";
}

export interface TrainingJob__Output {
  'jobId': (string);
  'displayName': (string);
  'labels': ({[key: string]: string});
  'state': (_tinct_v1_JobState__Output);
  'dataset': (string);
  'config': (_tinct_v1_TrainingConfig__Output | null);
  'resumeFrom'?: (_tinct_v1_CheckpointReference__Output | null);
  'startFrom'?: (_tinct_v1_CheckpointReference__Output | null);
  'createTime': (_google_protobuf_Timestamp__Output | null);
  'startTime': (_google_protobuf_Timestamp__Output | null);
  'endTime': (_google_protobuf_Timestamp__Output | null);
  'updateTime': (_google_protobuf_Timestamp__Output | null);
  'queuePosition': (number);
  'device': (string);
  'attempt': (number);
  'lostWorkers': (number);
  'progress': (_tinct_v1_TrainingProgress__Output | null);
  'latestLosses': (_tinct_v1_Losses__Output | null);
  'latestValidation': (_tinct_v1_Validation__Output | null);
  'failure': (_tinct_v1_JobFailure__Output | null);
  'latestSequence': (number);
  'origin'?: "resumeFrom"|"startFrom";
}
