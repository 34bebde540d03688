// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CancelTrainingJobRequest as _tinct_v1_CancelTrainingJobRequest, CancelTrainingJobRequest__Output as _tinct_v1_CancelTrainingJobRequest__Output } from '../../tinct/v1/cancel_training_job_request.ts';
import type { CancelTrainingJobResponse as _tinct_v1_CancelTrainingJobResponse, CancelTrainingJobResponse__Output as _tinct_v1_CancelTrainingJobResponse__Output } from '../../tinct/v1/cancel_training_job_response.ts';
import type { DeleteTrainingJobRequest as _tinct_v1_DeleteTrainingJobRequest, DeleteTrainingJobRequest__Output as _tinct_v1_DeleteTrainingJobRequest__Output } from '../../tinct/v1/delete_training_job_request.ts';
import type { DeleteTrainingJobResponse as _tinct_v1_DeleteTrainingJobResponse, DeleteTrainingJobResponse__Output as _tinct_v1_DeleteTrainingJobResponse__Output } from '../../tinct/v1/delete_training_job_response.ts';
import type { DownloadCheckpointRequest as _tinct_v1_DownloadCheckpointRequest, DownloadCheckpointRequest__Output as _tinct_v1_DownloadCheckpointRequest__Output } from '../../tinct/v1/download_checkpoint_request.ts';
import type { DownloadCheckpointResponse as _tinct_v1_DownloadCheckpointResponse, DownloadCheckpointResponse__Output as _tinct_v1_DownloadCheckpointResponse__Output } from '../../tinct/v1/download_checkpoint_response.ts';
import type { GetCapabilitiesRequest as _tinct_v1_GetCapabilitiesRequest, GetCapabilitiesRequest__Output as _tinct_v1_GetCapabilitiesRequest__Output } from '../../tinct/v1/get_capabilities_request.ts';
import type { GetCapabilitiesResponse as _tinct_v1_GetCapabilitiesResponse, GetCapabilitiesResponse__Output as _tinct_v1_GetCapabilitiesResponse__Output } from '../../tinct/v1/get_capabilities_response.ts';
import type { GetTrainingJobRequest as _tinct_v1_GetTrainingJobRequest, GetTrainingJobRequest__Output as _tinct_v1_GetTrainingJobRequest__Output } from '../../tinct/v1/get_training_job_request.ts';
import type { GetTrainingJobResponse as _tinct_v1_GetTrainingJobResponse, GetTrainingJobResponse__Output as _tinct_v1_GetTrainingJobResponse__Output } from '../../tinct/v1/get_training_job_response.ts';
import type { ListCheckpointsRequest as _tinct_v1_ListCheckpointsRequest, ListCheckpointsRequest__Output as _tinct_v1_ListCheckpointsRequest__Output } from '../../tinct/v1/list_checkpoints_request.ts';
import type { ListCheckpointsResponse as _tinct_v1_ListCheckpointsResponse, ListCheckpointsResponse__Output as _tinct_v1_ListCheckpointsResponse__Output } from '../../tinct/v1/list_checkpoints_response.ts';
import type { ListTrainingJobsRequest as _tinct_v1_ListTrainingJobsRequest, ListTrainingJobsRequest__Output as _tinct_v1_ListTrainingJobsRequest__Output } from '../../tinct/v1/list_training_jobs_request.ts';
import type { ListTrainingJobsResponse as _tinct_v1_ListTrainingJobsResponse, ListTrainingJobsResponse__Output as _tinct_v1_ListTrainingJobsResponse__Output } from '../../tinct/v1/list_training_jobs_response.ts';
import type { PauseTrainingJobRequest as _tinct_v1_PauseTrainingJobRequest, PauseTrainingJobRequest__Output as _tinct_v1_PauseTrainingJobRequest__Output } from '../../tinct/v1/pause_training_job_request.ts';
import type { PauseTrainingJobResponse as _tinct_v1_PauseTrainingJobResponse, PauseTrainingJobResponse__Output as _tinct_v1_PauseTrainingJobResponse__Output } from '../../tinct/v1/pause_training_job_response.ts';
import type { ResumeTrainingJobRequest as _tinct_v1_ResumeTrainingJobRequest, ResumeTrainingJobRequest__Output as _tinct_v1_ResumeTrainingJobRequest__Output } from '../../tinct/v1/resume_training_job_request.ts';
import type { ResumeTrainingJobResponse as _tinct_v1_ResumeTrainingJobResponse, ResumeTrainingJobResponse__Output as _tinct_v1_ResumeTrainingJobResponse__Output } from '../../tinct/v1/resume_training_job_response.ts';
import type { ValidateTrainingConfigRequest as _tinct_v1_ValidateTrainingConfigRequest, ValidateTrainingConfigRequest__Output as _tinct_v1_ValidateTrainingConfigRequest__Output } from '../../tinct/v1/validate_training_config_request.ts';
import type { ValidateTrainingConfigResponse as _tinct_v1_ValidateTrainingConfigResponse, ValidateTrainingConfigResponse__Output as _tinct_v1_ValidateTrainingConfigResponse__Output } from '../../tinct/v1/validate_training_config_response.ts';

export interface TrainingJobServiceClient extends grpc.Client {
  CancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  CancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  CancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  CancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  cancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  cancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  cancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  cancelTrainingJob(argument: _tinct_v1_CancelTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_CancelTrainingJobResponse__Output>): grpc.ClientUnaryCall;

  DeleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  deleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  deleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  deleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  deleteTrainingJob(argument: _tinct_v1_DeleteTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_DeleteTrainingJobResponse__Output>): grpc.ClientUnaryCall;

  DownloadCheckpoint(argument: _tinct_v1_DownloadCheckpointRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_DownloadCheckpointResponse__Output>;
  DownloadCheckpoint(argument: _tinct_v1_DownloadCheckpointRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_DownloadCheckpointResponse__Output>;
  downloadCheckpoint(argument: _tinct_v1_DownloadCheckpointRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_DownloadCheckpointResponse__Output>;
  downloadCheckpoint(argument: _tinct_v1_DownloadCheckpointRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_DownloadCheckpointResponse__Output>;

  GetCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  GetCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  GetCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  GetCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  getCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  getCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  getCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;
  getCapabilities(argument: _tinct_v1_GetCapabilitiesRequest, callback: grpc.requestCallback<_tinct_v1_GetCapabilitiesResponse__Output>): grpc.ClientUnaryCall;

  GetTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  GetTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  GetTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  GetTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  getTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  getTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  getTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  getTrainingJob(argument: _tinct_v1_GetTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_GetTrainingJobResponse__Output>): grpc.ClientUnaryCall;

  ListCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  ListCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  ListCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  ListCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;
  listCheckpoints(argument: _tinct_v1_ListCheckpointsRequest, callback: grpc.requestCallback<_tinct_v1_ListCheckpointsResponse__Output>): grpc.ClientUnaryCall;

  ListTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  ListTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  ListTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  ListTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  listTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  listTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  listTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;
  listTrainingJobs(argument: _tinct_v1_ListTrainingJobsRequest, callback: grpc.requestCallback<_tinct_v1_ListTrainingJobsResponse__Output>): grpc.ClientUnaryCall;

  PauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  PauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  PauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  PauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  pauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  pauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  pauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  pauseTrainingJob(argument: _tinct_v1_PauseTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_PauseTrainingJobResponse__Output>): grpc.ClientUnaryCall;

  ResumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  ResumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  ResumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  ResumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  resumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  resumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  resumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;
  resumeTrainingJob(argument: _tinct_v1_ResumeTrainingJobRequest, callback: grpc.requestCallback<_tinct_v1_ResumeTrainingJobResponse__Output>): grpc.ClientUnaryCall;

  ValidateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  ValidateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  ValidateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  ValidateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  validateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  validateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  validateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;
  validateTrainingConfig(argument: _tinct_v1_ValidateTrainingConfigRequest, callback: grpc.requestCallback<_tinct_v1_ValidateTrainingConfigResponse__Output>): grpc.ClientUnaryCall;

}

export interface TrainingJobServiceHandlers extends grpc.UntypedServiceImplementation {
  CancelTrainingJob: grpc.handleUnaryCall<_tinct_v1_CancelTrainingJobRequest__Output, _tinct_v1_CancelTrainingJobResponse>;

  DeleteTrainingJob: grpc.handleUnaryCall<_tinct_v1_DeleteTrainingJobRequest__Output, _tinct_v1_DeleteTrainingJobResponse>;

  DownloadCheckpoint: grpc.handleServerStreamingCall<_tinct_v1_DownloadCheckpointRequest__Output, _tinct_v1_DownloadCheckpointResponse>;

  GetCapabilities: grpc.handleUnaryCall<_tinct_v1_GetCapabilitiesRequest__Output, _tinct_v1_GetCapabilitiesResponse>;

  GetTrainingJob: grpc.handleUnaryCall<_tinct_v1_GetTrainingJobRequest__Output, _tinct_v1_GetTrainingJobResponse>;

  ListCheckpoints: grpc.handleUnaryCall<_tinct_v1_ListCheckpointsRequest__Output, _tinct_v1_ListCheckpointsResponse>;

  ListTrainingJobs: grpc.handleUnaryCall<_tinct_v1_ListTrainingJobsRequest__Output, _tinct_v1_ListTrainingJobsResponse>;

  PauseTrainingJob: grpc.handleUnaryCall<_tinct_v1_PauseTrainingJobRequest__Output, _tinct_v1_PauseTrainingJobResponse>;

  ResumeTrainingJob: grpc.handleUnaryCall<_tinct_v1_ResumeTrainingJobRequest__Output, _tinct_v1_ResumeTrainingJobResponse>;

  ValidateTrainingConfig: grpc.handleUnaryCall<_tinct_v1_ValidateTrainingConfigRequest__Output, _tinct_v1_ValidateTrainingConfigResponse>;

}

export interface TrainingJobServiceDefinition extends grpc.ServiceDefinition {
  CancelTrainingJob: MethodDefinition<_tinct_v1_CancelTrainingJobRequest, _tinct_v1_CancelTrainingJobResponse, _tinct_v1_CancelTrainingJobRequest__Output, _tinct_v1_CancelTrainingJobResponse__Output>
  DeleteTrainingJob: MethodDefinition<_tinct_v1_DeleteTrainingJobRequest, _tinct_v1_DeleteTrainingJobResponse, _tinct_v1_DeleteTrainingJobRequest__Output, _tinct_v1_DeleteTrainingJobResponse__Output>
  DownloadCheckpoint: MethodDefinition<_tinct_v1_DownloadCheckpointRequest, _tinct_v1_DownloadCheckpointResponse, _tinct_v1_DownloadCheckpointRequest__Output, _tinct_v1_DownloadCheckpointResponse__Output>
  GetCapabilities: MethodDefinition<_tinct_v1_GetCapabilitiesRequest, _tinct_v1_GetCapabilitiesResponse, _tinct_v1_GetCapabilitiesRequest__Output, _tinct_v1_GetCapabilitiesResponse__Output>
  GetTrainingJob: MethodDefinition<_tinct_v1_GetTrainingJobRequest, _tinct_v1_GetTrainingJobResponse, _tinct_v1_GetTrainingJobRequest__Output, _tinct_v1_GetTrainingJobResponse__Output>
  ListCheckpoints: MethodDefinition<_tinct_v1_ListCheckpointsRequest, _tinct_v1_ListCheckpointsResponse, _tinct_v1_ListCheckpointsRequest__Output, _tinct_v1_ListCheckpointsResponse__Output>
  ListTrainingJobs: MethodDefinition<_tinct_v1_ListTrainingJobsRequest, _tinct_v1_ListTrainingJobsResponse, _tinct_v1_ListTrainingJobsRequest__Output, _tinct_v1_ListTrainingJobsResponse__Output>
  PauseTrainingJob: MethodDefinition<_tinct_v1_PauseTrainingJobRequest, _tinct_v1_PauseTrainingJobResponse, _tinct_v1_PauseTrainingJobRequest__Output, _tinct_v1_PauseTrainingJobResponse__Output>
  ResumeTrainingJob: MethodDefinition<_tinct_v1_ResumeTrainingJobRequest, _tinct_v1_ResumeTrainingJobResponse, _tinct_v1_ResumeTrainingJobRequest__Output, _tinct_v1_ResumeTrainingJobResponse__Output>
  ValidateTrainingConfig: MethodDefinition<_tinct_v1_ValidateTrainingConfigRequest, _tinct_v1_ValidateTrainingConfigResponse, _tinct_v1_ValidateTrainingConfigRequest__Output, _tinct_v1_ValidateTrainingConfigResponse__Output>
}
