// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteWeightsRequest as _tinct_v1_DeleteWeightsRequest, DeleteWeightsRequest__Output as _tinct_v1_DeleteWeightsRequest__Output } from '../../tinct/v1/delete_weights_request.ts';
import type { DeleteWeightsResponse as _tinct_v1_DeleteWeightsResponse, DeleteWeightsResponse__Output as _tinct_v1_DeleteWeightsResponse__Output } from '../../tinct/v1/delete_weights_response.ts';
import type { GetWeightsRequest as _tinct_v1_GetWeightsRequest, GetWeightsRequest__Output as _tinct_v1_GetWeightsRequest__Output } from '../../tinct/v1/get_weights_request.ts';
import type { GetWeightsResponse as _tinct_v1_GetWeightsResponse, GetWeightsResponse__Output as _tinct_v1_GetWeightsResponse__Output } from '../../tinct/v1/get_weights_response.ts';
import type { ListWeightsRequest as _tinct_v1_ListWeightsRequest, ListWeightsRequest__Output as _tinct_v1_ListWeightsRequest__Output } from '../../tinct/v1/list_weights_request.ts';
import type { ListWeightsResponse as _tinct_v1_ListWeightsResponse, ListWeightsResponse__Output as _tinct_v1_ListWeightsResponse__Output } from '../../tinct/v1/list_weights_response.ts';
import type { UploadWeightsRequest as _tinct_v1_UploadWeightsRequest, UploadWeightsRequest__Output as _tinct_v1_UploadWeightsRequest__Output } from '../../tinct/v1/upload_weights_request.ts';
import type { UploadWeightsResponse as _tinct_v1_UploadWeightsResponse, UploadWeightsResponse__Output as _tinct_v1_UploadWeightsResponse__Output } from '../../tinct/v1/upload_weights_response.ts';

export interface WeightsServiceClient extends grpc.Client {
  DeleteWeights(argument: _tinct_v1_DeleteWeightsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  DeleteWeights(argument: _tinct_v1_DeleteWeightsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  DeleteWeights(argument: _tinct_v1_DeleteWeightsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  DeleteWeights(argument: _tinct_v1_DeleteWeightsRequest, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  deleteWeights(argument: _tinct_v1_DeleteWeightsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  deleteWeights(argument: _tinct_v1_DeleteWeightsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  deleteWeights(argument: _tinct_v1_DeleteWeightsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;
  deleteWeights(argument: _tinct_v1_DeleteWeightsRequest, callback: grpc.requestCallback<_tinct_v1_DeleteWeightsResponse__Output>): grpc.ClientUnaryCall;

  GetWeights(argument: _tinct_v1_GetWeightsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  GetWeights(argument: _tinct_v1_GetWeightsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  GetWeights(argument: _tinct_v1_GetWeightsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  GetWeights(argument: _tinct_v1_GetWeightsRequest, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  getWeights(argument: _tinct_v1_GetWeightsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  getWeights(argument: _tinct_v1_GetWeightsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  getWeights(argument: _tinct_v1_GetWeightsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;
  getWeights(argument: _tinct_v1_GetWeightsRequest, callback: grpc.requestCallback<_tinct_v1_GetWeightsResponse__Output>): grpc.ClientUnaryCall;

  ListWeights(argument: _tinct_v1_ListWeightsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  ListWeights(argument: _tinct_v1_ListWeightsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  ListWeights(argument: _tinct_v1_ListWeightsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  ListWeights(argument: _tinct_v1_ListWeightsRequest, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  listWeights(argument: _tinct_v1_ListWeightsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  listWeights(argument: _tinct_v1_ListWeightsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  listWeights(argument: _tinct_v1_ListWeightsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;
  listWeights(argument: _tinct_v1_ListWeightsRequest, callback: grpc.requestCallback<_tinct_v1_ListWeightsResponse__Output>): grpc.ClientUnaryCall;

  UploadWeights(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  UploadWeights(metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  UploadWeights(options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  UploadWeights(callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  uploadWeights(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  uploadWeights(metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  uploadWeights(options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;
  uploadWeights(callback: grpc.requestCallback<_tinct_v1_UploadWeightsResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadWeightsRequest>;

}

export interface WeightsServiceHandlers extends grpc.UntypedServiceImplementation {
  DeleteWeights: grpc.handleUnaryCall<_tinct_v1_DeleteWeightsRequest__Output, _tinct_v1_DeleteWeightsResponse>;

  GetWeights: grpc.handleUnaryCall<_tinct_v1_GetWeightsRequest__Output, _tinct_v1_GetWeightsResponse>;

  ListWeights: grpc.handleUnaryCall<_tinct_v1_ListWeightsRequest__Output, _tinct_v1_ListWeightsResponse>;

  UploadWeights: grpc.handleClientStreamingCall<_tinct_v1_UploadWeightsRequest__Output, _tinct_v1_UploadWeightsResponse>;

}

export interface WeightsServiceDefinition extends grpc.ServiceDefinition {
  DeleteWeights: MethodDefinition<_tinct_v1_DeleteWeightsRequest, _tinct_v1_DeleteWeightsResponse, _tinct_v1_DeleteWeightsRequest__Output, _tinct_v1_DeleteWeightsResponse__Output>
  GetWeights: MethodDefinition<_tinct_v1_GetWeightsRequest, _tinct_v1_GetWeightsResponse, _tinct_v1_GetWeightsRequest__Output, _tinct_v1_GetWeightsResponse__Output>
  ListWeights: MethodDefinition<_tinct_v1_ListWeightsRequest, _tinct_v1_ListWeightsResponse, _tinct_v1_ListWeightsRequest__Output, _tinct_v1_ListWeightsResponse__Output>
  UploadWeights: MethodDefinition<_tinct_v1_UploadWeightsRequest, _tinct_v1_UploadWeightsResponse, _tinct_v1_UploadWeightsRequest__Output, _tinct_v1_UploadWeightsResponse__Output>
}
