// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CancelSweepRequest as _tinct_v1_CancelSweepRequest, CancelSweepRequest__Output as _tinct_v1_CancelSweepRequest__Output } from '../../tinct/v1/cancel_sweep_request.ts';
import type { CancelSweepResponse as _tinct_v1_CancelSweepResponse, CancelSweepResponse__Output as _tinct_v1_CancelSweepResponse__Output } from '../../tinct/v1/cancel_sweep_response.ts';
import type { CreateSweepRequest as _tinct_v1_CreateSweepRequest, CreateSweepRequest__Output as _tinct_v1_CreateSweepRequest__Output } from '../../tinct/v1/create_sweep_request.ts';
import type { CreateSweepResponse as _tinct_v1_CreateSweepResponse, CreateSweepResponse__Output as _tinct_v1_CreateSweepResponse__Output } from '../../tinct/v1/create_sweep_response.ts';
import type { DeleteSweepRequest as _tinct_v1_DeleteSweepRequest, DeleteSweepRequest__Output as _tinct_v1_DeleteSweepRequest__Output } from '../../tinct/v1/delete_sweep_request.ts';
import type { DeleteSweepResponse as _tinct_v1_DeleteSweepResponse, DeleteSweepResponse__Output as _tinct_v1_DeleteSweepResponse__Output } from '../../tinct/v1/delete_sweep_response.ts';
import type { GetSweepRequest as _tinct_v1_GetSweepRequest, GetSweepRequest__Output as _tinct_v1_GetSweepRequest__Output } from '../../tinct/v1/get_sweep_request.ts';
import type { GetSweepResponse as _tinct_v1_GetSweepResponse, GetSweepResponse__Output as _tinct_v1_GetSweepResponse__Output } from '../../tinct/v1/get_sweep_response.ts';
import type { ListSweepsRequest as _tinct_v1_ListSweepsRequest, ListSweepsRequest__Output as _tinct_v1_ListSweepsRequest__Output } from '../../tinct/v1/list_sweeps_request.ts';
import type { ListSweepsResponse as _tinct_v1_ListSweepsResponse, ListSweepsResponse__Output as _tinct_v1_ListSweepsResponse__Output } from '../../tinct/v1/list_sweeps_response.ts';
import type { WatchSweepRequest as _tinct_v1_WatchSweepRequest, WatchSweepRequest__Output as _tinct_v1_WatchSweepRequest__Output } from '../../tinct/v1/watch_sweep_request.ts';
import type { WatchSweepResponse as _tinct_v1_WatchSweepResponse, WatchSweepResponse__Output as _tinct_v1_WatchSweepResponse__Output } from '../../tinct/v1/watch_sweep_response.ts';

export interface SweepServiceClient extends grpc.Client {
  CancelSweep(argument: _tinct_v1_CancelSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  CancelSweep(argument: _tinct_v1_CancelSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  CancelSweep(argument: _tinct_v1_CancelSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  CancelSweep(argument: _tinct_v1_CancelSweepRequest, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  cancelSweep(argument: _tinct_v1_CancelSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  cancelSweep(argument: _tinct_v1_CancelSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  cancelSweep(argument: _tinct_v1_CancelSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;
  cancelSweep(argument: _tinct_v1_CancelSweepRequest, callback: grpc.requestCallback<_tinct_v1_CancelSweepResponse__Output>): grpc.ClientUnaryCall;

  CreateSweep(argument: _tinct_v1_CreateSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  CreateSweep(argument: _tinct_v1_CreateSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  CreateSweep(argument: _tinct_v1_CreateSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  CreateSweep(argument: _tinct_v1_CreateSweepRequest, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  createSweep(argument: _tinct_v1_CreateSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  createSweep(argument: _tinct_v1_CreateSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  createSweep(argument: _tinct_v1_CreateSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;
  createSweep(argument: _tinct_v1_CreateSweepRequest, callback: grpc.requestCallback<_tinct_v1_CreateSweepResponse__Output>): grpc.ClientUnaryCall;

  DeleteSweep(argument: _tinct_v1_DeleteSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  DeleteSweep(argument: _tinct_v1_DeleteSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  DeleteSweep(argument: _tinct_v1_DeleteSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  DeleteSweep(argument: _tinct_v1_DeleteSweepRequest, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  deleteSweep(argument: _tinct_v1_DeleteSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  deleteSweep(argument: _tinct_v1_DeleteSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  deleteSweep(argument: _tinct_v1_DeleteSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;
  deleteSweep(argument: _tinct_v1_DeleteSweepRequest, callback: grpc.requestCallback<_tinct_v1_DeleteSweepResponse__Output>): grpc.ClientUnaryCall;

  GetSweep(argument: _tinct_v1_GetSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  GetSweep(argument: _tinct_v1_GetSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  GetSweep(argument: _tinct_v1_GetSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  GetSweep(argument: _tinct_v1_GetSweepRequest, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  getSweep(argument: _tinct_v1_GetSweepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  getSweep(argument: _tinct_v1_GetSweepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  getSweep(argument: _tinct_v1_GetSweepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;
  getSweep(argument: _tinct_v1_GetSweepRequest, callback: grpc.requestCallback<_tinct_v1_GetSweepResponse__Output>): grpc.ClientUnaryCall;

  ListSweeps(argument: _tinct_v1_ListSweepsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  ListSweeps(argument: _tinct_v1_ListSweepsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  ListSweeps(argument: _tinct_v1_ListSweepsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  ListSweeps(argument: _tinct_v1_ListSweepsRequest, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  listSweeps(argument: _tinct_v1_ListSweepsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  listSweeps(argument: _tinct_v1_ListSweepsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  listSweeps(argument: _tinct_v1_ListSweepsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;
  listSweeps(argument: _tinct_v1_ListSweepsRequest, callback: grpc.requestCallback<_tinct_v1_ListSweepsResponse__Output>): grpc.ClientUnaryCall;

  WatchSweep(argument: _tinct_v1_WatchSweepRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_WatchSweepResponse__Output>;
  WatchSweep(argument: _tinct_v1_WatchSweepRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_WatchSweepResponse__Output>;
  watchSweep(argument: _tinct_v1_WatchSweepRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_WatchSweepResponse__Output>;
  watchSweep(argument: _tinct_v1_WatchSweepRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_WatchSweepResponse__Output>;

}

export interface SweepServiceHandlers extends grpc.UntypedServiceImplementation {
  CancelSweep: grpc.handleUnaryCall<_tinct_v1_CancelSweepRequest__Output, _tinct_v1_CancelSweepResponse>;

  CreateSweep: grpc.handleUnaryCall<_tinct_v1_CreateSweepRequest__Output, _tinct_v1_CreateSweepResponse>;

  DeleteSweep: grpc.handleUnaryCall<_tinct_v1_DeleteSweepRequest__Output, _tinct_v1_DeleteSweepResponse>;

  GetSweep: grpc.handleUnaryCall<_tinct_v1_GetSweepRequest__Output, _tinct_v1_GetSweepResponse>;

  ListSweeps: grpc.handleUnaryCall<_tinct_v1_ListSweepsRequest__Output, _tinct_v1_ListSweepsResponse>;

  WatchSweep: grpc.handleServerStreamingCall<_tinct_v1_WatchSweepRequest__Output, _tinct_v1_WatchSweepResponse>;

}

export interface SweepServiceDefinition extends grpc.ServiceDefinition {
  CancelSweep: MethodDefinition<_tinct_v1_CancelSweepRequest, _tinct_v1_CancelSweepResponse, _tinct_v1_CancelSweepRequest__Output, _tinct_v1_CancelSweepResponse__Output>
  CreateSweep: MethodDefinition<_tinct_v1_CreateSweepRequest, _tinct_v1_CreateSweepResponse, _tinct_v1_CreateSweepRequest__Output, _tinct_v1_CreateSweepResponse__Output>
  DeleteSweep: MethodDefinition<_tinct_v1_DeleteSweepRequest, _tinct_v1_DeleteSweepResponse, _tinct_v1_DeleteSweepRequest__Output, _tinct_v1_DeleteSweepResponse__Output>
  GetSweep: MethodDefinition<_tinct_v1_GetSweepRequest, _tinct_v1_GetSweepResponse, _tinct_v1_GetSweepRequest__Output, _tinct_v1_GetSweepResponse__Output>
  ListSweeps: MethodDefinition<_tinct_v1_ListSweepsRequest, _tinct_v1_ListSweepsResponse, _tinct_v1_ListSweepsRequest__Output, _tinct_v1_ListSweepsResponse__Output>
  WatchSweep: MethodDefinition<_tinct_v1_WatchSweepRequest, _tinct_v1_WatchSweepResponse, _tinct_v1_WatchSweepRequest__Output, _tinct_v1_WatchSweepResponse__Output>
}
