// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/timestamp.ts';
import type { Hello as _tinct_worker_v1_Hello, Hello__Output as _tinct_worker_v1_Hello__Output } from '../../../tinct/worker/v1/hello.ts';
import type { Heartbeat as _tinct_worker_v1_Heartbeat, Heartbeat__Output as _tinct_worker_v1_Heartbeat__Output } from '../../../tinct/worker/v1/heartbeat.ts';
import type { LogEntry as _tinct_v1_LogEntry, LogEntry__Output as _tinct_v1_LogEntry__Output } from '../../../tinct/v1/log_entry.ts';
import type { Losses as _tinct_v1_Losses, Losses__Output as _tinct_v1_Losses__Output } from '../../../tinct/v1/losses.ts';
import type { Validation as _tinct_v1_Validation, Validation__Output as _tinct_v1_Validation__Output } from '../../../tinct/v1/validation.ts';
import type { SampleFile as _tinct_worker_v1_SampleFile, SampleFile__Output as _tinct_worker_v1_SampleFile__Output } from '../../../tinct/worker/v1/sample_file.ts';
import type { SavedCheckpoint as _tinct_worker_v1_SavedCheckpoint, SavedCheckpoint__Output as _tinct_worker_v1_SavedCheckpoint__Output } from '../../../tinct/worker/v1/saved_checkpoint.ts';
import type { DatasetReport as _tinct_v1_DatasetReport, DatasetReport__Output as _tinct_v1_DatasetReport__Output } from '../../../tinct/v1/dataset_report.ts';
import type { ColorizingReady as _tinct_worker_v1_ColorizingReady, ColorizingReady__Output as _tinct_worker_v1_ColorizingReady__Output } from '../../../tinct/worker/v1/colorizing_ready.ts';
import type { LoadedModel as _tinct_worker_v1_LoadedModel, LoadedModel__Output as _tinct_worker_v1_LoadedModel__Output } from '../../../tinct/worker/v1/loaded_model.ts';
import type { ResultPiece as _tinct_worker_v1_ResultPiece, ResultPiece__Output as _tinct_worker_v1_ResultPiece__Output } from '../../../tinct/worker/v1/result_piece.ts';
import type { Finished as _tinct_worker_v1_Finished, Finished__Output as _tinct_worker_v1_Finished__Output } from '../../../tinct/worker/v1/finished.ts';
import type { CheckpointsFound as _tinct_worker_v1_CheckpointsFound, CheckpointsFound__Output as _tinct_worker_v1_CheckpointsFound__Output } from '../../../tinct/worker/v1/checkpoints_found.ts';
import type { ResourceReport as _tinct_v1_ResourceReport, ResourceReport__Output as _tinct_v1_ResourceReport__Output } from '../../../tinct/v1/resource_report.ts';
import type { ScaledPiece as _tinct_worker_v1_ScaledPiece, ScaledPiece__Output as _tinct_worker_v1_ScaledPiece__Output } from '../../../tinct/worker/v1/scaled_piece.ts';
import type { Unforeseen as _tinct_worker_v1_Unforeseen, Unforeseen__Output as _tinct_worker_v1_Unforeseen__Output } from '../../../tinct/worker/v1/unforeseen.ts';
import type { ColorizingSpent as _tinct_worker_v1_ColorizingSpent, ColorizingSpent__Output as _tinct_worker_v1_ColorizingSpent__Output } from '../../../tinct/worker/v1/colorizing_spent.ts';
import type { PhotoPreview as _tinct_v1_PhotoPreview, PhotoPreview__Output as _tinct_v1_PhotoPreview__Output } from '../../../tinct/v1/photo_preview.ts';
import type { NetworkReport as _tinct_worker_v1_NetworkReport, NetworkReport__Output as _tinct_worker_v1_NetworkReport__Output } from '../../../tinct/worker/v1/network_report.ts';
import type { RoomWish as _tinct_worker_v1_RoomWish, RoomWish__Output as _tinct_worker_v1_RoomWish__Output } from '../../../tinct/worker/v1/room_wish.ts';

export interface WorkRequest {
  'time'?: (_google_protobuf_Timestamp | null);
  'hello'?: (_tinct_worker_v1_Hello | null);
  'heartbeat'?: (_tinct_worker_v1_Heartbeat | null);
  'log'?: (_tinct_v1_LogEntry | null);
  'losses'?: (_tinct_v1_Losses | null);
  'validation'?: (_tinct_v1_Validation | null);
  'sample'?: (_tinct_worker_v1_SampleFile | null);
  'checkpoint'?: (_tinct_worker_v1_SavedCheckpoint | null);
  'report'?: (_tinct_v1_DatasetReport | null);
  'ready'?: (_tinct_worker_v1_ColorizingReady | null);
  'loaded'?: (_tinct_worker_v1_LoadedModel | null);
  'result'?: (_tinct_worker_v1_ResultPiece | null);
  'finished'?: (_tinct_worker_v1_Finished | null);
  'found'?: (_tinct_worker_v1_CheckpointsFound | null);
  'resources'?: (_tinct_v1_ResourceReport | null);
  'scaled'?: (_tinct_worker_v1_ScaledPiece | null);
  'unforeseen'?: (_tinct_worker_v1_Unforeseen | null);
  'spent'?: (_tinct_worker_v1_ColorizingSpent | null);
  'preview'?: (_tinct_v1_PhotoPreview | null);
  'network'?: (_tinct_worker_v1_NetworkReport | null);
  'roomWish'?: (_tinct_worker_v1_RoomWish | null);
  'message'?: "hello"|"heartbeat"|"log"|"losses"|"validation"|"sample"|"checkpoint"|"preview"|"report"|"found"|"ready"|"spent"|"roomWish"|"loaded"|"result"|"resources"|"network"|"scaled"|"unforeseen"|"finished";
}

export interface WorkRequest__Output {
  'time': (_google_protobuf_Timestamp__Output | null);
  'hello'?: (_tinct_worker_v1_Hello__Output | null);
  'heartbeat'?: (_tinct_worker_v1_Heartbeat__Output | null);
  'log'?: (_tinct_v1_LogEntry__Output | null);
  'losses'?: (_tinct_v1_Losses__Output | null);
  'validation'?: (_tinct_v1_Validation__Output | null);
  'sample'?: (_tinct_worker_v1_SampleFile__Output | null);
  'checkpoint'?: (_tinct_worker_v1_SavedCheckpoint__Output | null);
  'report'?: (_tinct_v1_DatasetReport__Output | null);
  'ready'?: (_tinct_worker_v1_ColorizingReady__Output | null);
  'loaded'?: (_tinct_worker_v1_LoadedModel__Output | null);
  'result'?: (_tinct_worker_v1_ResultPiece__Output | null);
  'finished'?: (_tinct_worker_v1_Finished__Output | null);
  'found'?: (_tinct_worker_v1_CheckpointsFound__Output | null);
  'resources'?: (_tinct_v1_ResourceReport__Output | null);
  'scaled'?: (_tinct_worker_v1_ScaledPiece__Output | null);
  'unforeseen'?: (_tinct_worker_v1_Unforeseen__Output | null);
  'spent'?: (_tinct_worker_v1_ColorizingSpent__Output | null);
  'preview'?: (_tinct_v1_PhotoPreview__Output | null);
  'network'?: (_tinct_worker_v1_NetworkReport__Output | null);
  'roomWish'?: (_tinct_worker_v1_RoomWish__Output | null);
  'message'?: "hello"|"heartbeat"|"log"|"losses"|"validation"|"sample"|"checkpoint"|"preview"|"report"|"found"|"ready"|"spent"|"roomWish"|"loaded"|"result"|"resources"|"network"|"scaled"|"unforeseen"|"finished";
}
