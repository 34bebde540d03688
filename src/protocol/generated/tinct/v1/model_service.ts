// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteModelRequest as _tinct_v1_DeleteModelRequest, DeleteModelRequest__Output as _tinct_v1_DeleteModelRequest__Output } from '../../tinct/v1/delete_model_request.ts';
import type { DeleteModelResponse as _tinct_v1_DeleteModelResponse, DeleteModelResponse__Output as _tinct_v1_DeleteModelResponse__Output } from '../../tinct/v1/delete_model_response.ts';
import type { ExportModelRequest as _tinct_v1_ExportModelRequest, ExportModelRequest__Output as _tinct_v1_ExportModelRequest__Output } from '../../tinct/v1/export_model_request.ts';
import type { ExportModelResponse as _tinct_v1_ExportModelResponse, ExportModelResponse__Output as _tinct_v1_ExportModelResponse__Output } from '../../tinct/v1/export_model_response.ts';
import type { GetModelRequest as _tinct_v1_GetModelRequest, GetModelRequest__Output as _tinct_v1_GetModelRequest__Output } from '../../tinct/v1/get_model_request.ts';
import type { GetModelResponse as _tinct_v1_GetModelResponse, GetModelResponse__Output as _tinct_v1_GetModelResponse__Output } from '../../tinct/v1/get_model_response.ts';
import type { ImportModelRequest as _tinct_v1_ImportModelRequest, ImportModelRequest__Output as _tinct_v1_ImportModelRequest__Output } from '../../tinct/v1/import_model_request.ts';
import type { ImportModelResponse as _tinct_v1_ImportModelResponse, ImportModelResponse__Output as _tinct_v1_ImportModelResponse__Output } from '../../tinct/v1/import_model_response.ts';
import type { ListModelsRequest as _tinct_v1_ListModelsRequest, ListModelsRequest__Output as _tinct_v1_ListModelsRequest__Output } from '../../tinct/v1/list_models_request.ts';
import type { ListModelsResponse as _tinct_v1_ListModelsResponse, ListModelsResponse__Output as _tinct_v1_ListModelsResponse__Output } from '../../tinct/v1/list_models_response.ts';
import type { PromoteCheckpointRequest as _tinct_v1_PromoteCheckpointRequest, PromoteCheckpointRequest__Output as _tinct_v1_PromoteCheckpointRequest__Output } from '../../tinct/v1/promote_checkpoint_request.ts';
import type { PromoteCheckpointResponse as _tinct_v1_PromoteCheckpointResponse, PromoteCheckpointResponse__Output as _tinct_v1_PromoteCheckpointResponse__Output } from '../../tinct/v1/promote_checkpoint_response.ts';

export interface ModelServiceClient extends grpc.Client {
  DeleteModel(argument: _tinct_v1_DeleteModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  DeleteModel(argument: _tinct_v1_DeleteModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  DeleteModel(argument: _tinct_v1_DeleteModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  DeleteModel(argument: _tinct_v1_DeleteModelRequest, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  deleteModel(argument: _tinct_v1_DeleteModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  deleteModel(argument: _tinct_v1_DeleteModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  deleteModel(argument: _tinct_v1_DeleteModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;
  deleteModel(argument: _tinct_v1_DeleteModelRequest, callback: grpc.requestCallback<_tinct_v1_DeleteModelResponse__Output>): grpc.ClientUnaryCall;

  ExportModel(argument: _tinct_v1_ExportModelRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ExportModelResponse__Output>;
  ExportModel(argument: _tinct_v1_ExportModelRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ExportModelResponse__Output>;
  exportModel(argument: _tinct_v1_ExportModelRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ExportModelResponse__Output>;
  exportModel(argument: _tinct_v1_ExportModelRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ExportModelResponse__Output>;

  GetModel(argument: _tinct_v1_GetModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  GetModel(argument: _tinct_v1_GetModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  GetModel(argument: _tinct_v1_GetModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  GetModel(argument: _tinct_v1_GetModelRequest, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  getModel(argument: _tinct_v1_GetModelRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  getModel(argument: _tinct_v1_GetModelRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  getModel(argument: _tinct_v1_GetModelRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;
  getModel(argument: _tinct_v1_GetModelRequest, callback: grpc.requestCallback<_tinct_v1_GetModelResponse__Output>): grpc.ClientUnaryCall;

  ImportModel(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  ImportModel(metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  ImportModel(options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  ImportModel(callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  importModel(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  importModel(metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  importModel(options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;
  importModel(callback: grpc.requestCallback<_tinct_v1_ImportModelResponse__Output>): grpc.ClientWritableStream<_tinct_v1_ImportModelRequest>;

  ListModels(argument: _tinct_v1_ListModelsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  ListModels(argument: _tinct_v1_ListModelsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  ListModels(argument: _tinct_v1_ListModelsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  ListModels(argument: _tinct_v1_ListModelsRequest, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _tinct_v1_ListModelsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _tinct_v1_ListModelsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _tinct_v1_ListModelsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;
  listModels(argument: _tinct_v1_ListModelsRequest, callback: grpc.requestCallback<_tinct_v1_ListModelsResponse__Output>): grpc.ClientUnaryCall;

  PromoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  PromoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  PromoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  PromoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  promoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  promoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  promoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;
  promoteCheckpoint(argument: _tinct_v1_PromoteCheckpointRequest, callback: grpc.requestCallback<_tinct_v1_PromoteCheckpointResponse__Output>): grpc.ClientUnaryCall;

}

export interface ModelServiceHandlers extends grpc.UntypedServiceImplementation {
  DeleteModel: grpc.handleUnaryCall<_tinct_v1_DeleteModelRequest__Output, _tinct_v1_DeleteModelResponse>;

  ExportModel: grpc.handleServerStreamingCall<_tinct_v1_ExportModelRequest__Output, _tinct_v1_ExportModelResponse>;

  GetModel: grpc.handleUnaryCall<_tinct_v1_GetModelRequest__Output, _tinct_v1_GetModelResponse>;

  ImportModel: grpc.handleClientStreamingCall<_tinct_v1_ImportModelRequest__Output, _tinct_v1_ImportModelResponse>;

  ListModels: grpc.handleUnaryCall<_tinct_v1_ListModelsRequest__Output, _tinct_v1_ListModelsResponse>;

  PromoteCheckpoint: grpc.handleUnaryCall<_tinct_v1_PromoteCheckpointRequest__Output, _tinct_v1_PromoteCheckpointResponse>;

}

export interface ModelServiceDefinition extends grpc.ServiceDefinition {
  DeleteModel: MethodDefinition<_tinct_v1_DeleteModelRequest, _tinct_v1_DeleteModelResponse, _tinct_v1_DeleteModelRequest__Output, _tinct_v1_DeleteModelResponse__Output>
  ExportModel: MethodDefinition<_tinct_v1_ExportModelRequest, _tinct_v1_ExportModelResponse, _tinct_v1_ExportModelRequest__Output, _tinct_v1_ExportModelResponse__Output>
  GetModel: MethodDefinition<_tinct_v1_GetModelRequest, _tinct_v1_GetModelResponse, _tinct_v1_GetModelRequest__Output, _tinct_v1_GetModelResponse__Output>
  ImportModel: MethodDefinition<_tinct_v1_ImportModelRequest, _tinct_v1_ImportModelResponse, _tinct_v1_ImportModelRequest__Output, _tinct_v1_ImportModelResponse__Output>
  ListModels: MethodDefinition<_tinct_v1_ListModelsRequest, _tinct_v1_ListModelsResponse, _tinct_v1_ListModelsRequest__Output, _tinct_v1_ListModelsResponse__Output>
  PromoteCheckpoint: MethodDefinition<_tinct_v1_PromoteCheckpointRequest, _tinct_v1_PromoteCheckpointResponse, _tinct_v1_PromoteCheckpointRequest__Output, _tinct_v1_PromoteCheckpointResponse__Output>
}
