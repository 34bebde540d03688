// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type { Assignment as _tinct_worker_v1_Assignment, Assignment__Output as _tinct_worker_v1_Assignment__Output } from '../../../tinct/worker/v1/assignment.ts';
import type { Stop as _tinct_worker_v1_Stop, Stop__Output as _tinct_worker_v1_Stop__Output } from '../../../tinct/worker/v1/stop.ts';
import type { LoadModel as _tinct_worker_v1_LoadModel, LoadModel__Output as _tinct_worker_v1_LoadModel__Output } from '../../../tinct/worker/v1/load_model.ts';
import type { UnloadModel as _tinct_worker_v1_UnloadModel, UnloadModel__Output as _tinct_worker_v1_UnloadModel__Output } from '../../../tinct/worker/v1/unload_model.ts';
import type { PhotoPiece as _tinct_worker_v1_PhotoPiece, PhotoPiece__Output as _tinct_worker_v1_PhotoPiece__Output } from '../../../tinct/worker/v1/photo_piece.ts';
import type { CancelPhoto as _tinct_worker_v1_CancelPhoto, CancelPhoto__Output as _tinct_worker_v1_CancelPhoto__Output } from '../../../tinct/worker/v1/cancel_photo.ts';
import type { EndVideo as _tinct_worker_v1_EndVideo, EndVideo__Output as _tinct_worker_v1_EndVideo__Output } from '../../../tinct/worker/v1/end_video.ts';
import type { ScaleSheet as _tinct_worker_v1_ScaleSheet, ScaleSheet__Output as _tinct_worker_v1_ScaleSheet__Output } from '../../../tinct/worker/v1/scale_sheet.ts';
import type { Lease as _tinct_worker_v1_Lease, Lease__Output as _tinct_worker_v1_Lease__Output } from '../../../tinct/worker/v1/lease.ts';
import type { RoomGrant as _tinct_worker_v1_RoomGrant, RoomGrant__Output as _tinct_worker_v1_RoomGrant__Output } from '../../../tinct/worker/v1/room_grant.ts';

export interface WorkResponse {
  'assignment'?: (_tinct_worker_v1_Assignment | null);
  'stop'?: (_tinct_worker_v1_Stop | null);
  'load'?: (_tinct_worker_v1_LoadModel | null);
  'unload'?: (_tinct_worker_v1_UnloadModel | null);
  'photo'?: (_tinct_worker_v1_PhotoPiece | null);
  'cancel'?: (_tinct_worker_v1_CancelPhoto | null);
  'endVideo'?: (_tinct_worker_v1_EndVideo | null);
  'scale'?: (_tinct_worker_v1_ScaleSheet | null);
  'lease'?: (_tinct_worker_v1_Lease | null);
  'roomGrant'?: (_tinct_worker_v1_RoomGrant | null);
  'message'?: "assignment"|"stop"|"load"|"unload"|"photo"|"cancel"|"roomGrant"|"endVideo"|"scale"|"lease";
}

export interface WorkResponse__Output {
  'assignment'?: (_tinct_worker_v1_Assignment__Output | null);
  'stop'?: (_tinct_worker_v1_Stop__Output | null);
  'load'?: (_tinct_worker_v1_LoadModel__Output | null);
  'unload'?: (_tinct_worker_v1_UnloadModel__Output | null);
  'photo'?: (_tinct_worker_v1_PhotoPiece__Output | null);
  'cancel'?: (_tinct_worker_v1_CancelPhoto__Output | null);
  'endVideo'?: (_tinct_worker_v1_EndVideo__Output | null);
  'scale'?: (_tinct_worker_v1_ScaleSheet__Output | null);
  'lease'?: (_tinct_worker_v1_Lease__Output | null);
  'roomGrant'?: (_tinct_worker_v1_RoomGrant__Output | null);
  'message'?: "assignment"|"stop"|"load"|"unload"|"photo"|"cancel"|"roomGrant"|"endVideo"|"scale"|"lease";
}
