// Made from protos/tinct/v1/dataset_service.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DeleteDatasetRequest as _tinct_v1_DeleteDatasetRequest, DeleteDatasetRequest__Output as _tinct_v1_DeleteDatasetRequest__Output } from '../../tinct/v1/delete_dataset_request.ts';
import type { DeleteDatasetResponse as _tinct_v1_DeleteDatasetResponse, DeleteDatasetResponse__Output as _tinct_v1_DeleteDatasetResponse__Output } from '../../tinct/v1/delete_dataset_response.ts';
import type { GetDatasetRequest as _tinct_v1_GetDatasetRequest, GetDatasetRequest__Output as _tinct_v1_GetDatasetRequest__Output } from '../../tinct/v1/get_dataset_request.ts';
import type { GetDatasetResponse as _tinct_v1_GetDatasetResponse, GetDatasetResponse__Output as _tinct_v1_GetDatasetResponse__Output } from '../../tinct/v1/get_dataset_response.ts';
import type { ListDatasetFilesRequest as _tinct_v1_ListDatasetFilesRequest, ListDatasetFilesRequest__Output as _tinct_v1_ListDatasetFilesRequest__Output } from '../../tinct/v1/list_dataset_files_request.ts';
import type { ListDatasetFilesResponse as _tinct_v1_ListDatasetFilesResponse, ListDatasetFilesResponse__Output as _tinct_v1_ListDatasetFilesResponse__Output } from '../../tinct/v1/list_dataset_files_response.ts';
import type { ListDatasetsRequest as _tinct_v1_ListDatasetsRequest, ListDatasetsRequest__Output as _tinct_v1_ListDatasetsRequest__Output } from '../../tinct/v1/list_datasets_request.ts';
import type { ListDatasetsResponse as _tinct_v1_ListDatasetsResponse, ListDatasetsResponse__Output as _tinct_v1_ListDatasetsResponse__Output } from '../../tinct/v1/list_datasets_response.ts';
import type { PreviewPhotosRequest as _tinct_v1_PreviewPhotosRequest, PreviewPhotosRequest__Output as _tinct_v1_PreviewPhotosRequest__Output } from '../../tinct/v1/preview_photos_request.ts';
import type { PreviewPhotosResponse as _tinct_v1_PreviewPhotosResponse, PreviewPhotosResponse__Output as _tinct_v1_PreviewPhotosResponse__Output } from '../../tinct/v1/preview_photos_response.ts';
import type { UploadDatasetRequest as _tinct_v1_UploadDatasetRequest, UploadDatasetRequest__Output as _tinct_v1_UploadDatasetRequest__Output } from '../../tinct/v1/upload_dataset_request.ts';
import type { UploadDatasetResponse as _tinct_v1_UploadDatasetResponse, UploadDatasetResponse__Output as _tinct_v1_UploadDatasetResponse__Output } from '../../tinct/v1/upload_dataset_response.ts';
import type { UploadPiecesRequest as _tinct_v1_UploadPiecesRequest, UploadPiecesRequest__Output as _tinct_v1_UploadPiecesRequest__Output } from '../../tinct/v1/upload_pieces_request.ts';
import type { UploadPiecesResponse as _tinct_v1_UploadPiecesResponse, UploadPiecesResponse__Output as _tinct_v1_UploadPiecesResponse__Output } from '../../tinct/v1/upload_pieces_response.ts';

export interface DatasetServiceClient extends grpc.Client {
  DeleteDataset(argument: _tinct_v1_DeleteDatasetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  DeleteDataset(argument: _tinct_v1_DeleteDatasetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  DeleteDataset(argument: _tinct_v1_DeleteDatasetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  DeleteDataset(argument: _tinct_v1_DeleteDatasetRequest, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  deleteDataset(argument: _tinct_v1_DeleteDatasetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  deleteDataset(argument: _tinct_v1_DeleteDatasetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  deleteDataset(argument: _tinct_v1_DeleteDatasetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;
  deleteDataset(argument: _tinct_v1_DeleteDatasetRequest, callback: grpc.requestCallback<_tinct_v1_DeleteDatasetResponse__Output>): grpc.ClientUnaryCall;

  GetDataset(argument: _tinct_v1_GetDatasetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  GetDataset(argument: _tinct_v1_GetDatasetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  GetDataset(argument: _tinct_v1_GetDatasetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  GetDataset(argument: _tinct_v1_GetDatasetRequest, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  getDataset(argument: _tinct_v1_GetDatasetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  getDataset(argument: _tinct_v1_GetDatasetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  getDataset(argument: _tinct_v1_GetDatasetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;
  getDataset(argument: _tinct_v1_GetDatasetRequest, callback: grpc.requestCallback<_tinct_v1_GetDatasetResponse__Output>): grpc.ClientUnaryCall;

  ListDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  ListDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  ListDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  ListDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  listDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  listDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  listDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;
  listDatasetFiles(argument: _tinct_v1_ListDatasetFilesRequest, callback: grpc.requestCallback<_tinct_v1_ListDatasetFilesResponse__Output>): grpc.ClientUnaryCall;

  ListDatasets(argument: _tinct_v1_ListDatasetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  ListDatasets(argument: _tinct_v1_ListDatasetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  ListDatasets(argument: _tinct_v1_ListDatasetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  ListDatasets(argument: _tinct_v1_ListDatasetsRequest, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  listDatasets(argument: _tinct_v1_ListDatasetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  listDatasets(argument: _tinct_v1_ListDatasetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  listDatasets(argument: _tinct_v1_ListDatasetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;
  listDatasets(argument: _tinct_v1_ListDatasetsRequest, callback: grpc.requestCallback<_tinct_v1_ListDatasetsResponse__Output>): grpc.ClientUnaryCall;

  PreviewPhotos(argument: _tinct_v1_PreviewPhotosRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  PreviewPhotos(argument: _tinct_v1_PreviewPhotosRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  PreviewPhotos(argument: _tinct_v1_PreviewPhotosRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  PreviewPhotos(argument: _tinct_v1_PreviewPhotosRequest, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  previewPhotos(argument: _tinct_v1_PreviewPhotosRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  previewPhotos(argument: _tinct_v1_PreviewPhotosRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  previewPhotos(argument: _tinct_v1_PreviewPhotosRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;
  previewPhotos(argument: _tinct_v1_PreviewPhotosRequest, callback: grpc.requestCallback<_tinct_v1_PreviewPhotosResponse__Output>): grpc.ClientUnaryCall;

  UploadDataset(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  UploadDataset(metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  UploadDataset(options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  UploadDataset(callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  uploadDataset(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  uploadDataset(metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  uploadDataset(options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;
  uploadDataset(callback: grpc.requestCallback<_tinct_v1_UploadDatasetResponse__Output>): grpc.ClientWritableStream<_tinct_v1_UploadDatasetRequest>;

  UploadPieces(argument: _tinct_v1_UploadPiecesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  UploadPieces(argument: _tinct_v1_UploadPiecesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  UploadPieces(argument: _tinct_v1_UploadPiecesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  UploadPieces(argument: _tinct_v1_UploadPiecesRequest, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  uploadPieces(argument: _tinct_v1_UploadPiecesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  uploadPieces(argument: _tinct_v1_UploadPiecesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  uploadPieces(argument: _tinct_v1_UploadPiecesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;
  uploadPieces(argument: _tinct_v1_UploadPiecesRequest, callback: grpc.requestCallback<_tinct_v1_UploadPiecesResponse__Output>): grpc.ClientUnaryCall;

}

export interface DatasetServiceHandlers extends grpc.UntypedServiceImplementation {
  DeleteDataset: grpc.handleUnaryCall<_tinct_v1_DeleteDatasetRequest__Output, _tinct_v1_DeleteDatasetResponse>;

  GetDataset: grpc.handleUnaryCall<_tinct_v1_GetDatasetRequest__Output, _tinct_v1_GetDatasetResponse>;

  ListDatasetFiles: grpc.handleUnaryCall<_tinct_v1_ListDatasetFilesRequest__Output, _tinct_v1_ListDatasetFilesResponse>;

  ListDatasets: grpc.handleUnaryCall<_tinct_v1_ListDatasetsRequest__Output, _tinct_v1_ListDatasetsResponse>;

  PreviewPhotos: grpc.handleUnaryCall<_tinct_v1_PreviewPhotosRequest__Output, _tinct_v1_PreviewPhotosResponse>;

  UploadDataset: grpc.handleClientStreamingCall<_tinct_v1_UploadDatasetRequest__Output, _tinct_v1_UploadDatasetResponse>;

  UploadPieces: grpc.handleUnaryCall<_tinct_v1_UploadPiecesRequest__Output, _tinct_v1_UploadPiecesResponse>;

}

export interface DatasetServiceDefinition extends grpc.ServiceDefinition {
  DeleteDataset: MethodDefinition<_tinct_v1_DeleteDatasetRequest, _tinct_v1_DeleteDatasetResponse, _tinct_v1_DeleteDatasetRequest__Output, _tinct_v1_DeleteDatasetResponse__Output>
  GetDataset: MethodDefinition<_tinct_v1_GetDatasetRequest, _tinct_v1_GetDatasetResponse, _tinct_v1_GetDatasetRequest__Output, _tinct_v1_GetDatasetResponse__Output>
  ListDatasetFiles: MethodDefinition<_tinct_v1_ListDatasetFilesRequest, _tinct_v1_ListDatasetFilesResponse, _tinct_v1_ListDatasetFilesRequest__Output, _tinct_v1_ListDatasetFilesResponse__Output>
  ListDatasets: MethodDefinition<_tinct_v1_ListDatasetsRequest, _tinct_v1_ListDatasetsResponse, _tinct_v1_ListDatasetsRequest__Output, _tinct_v1_ListDatasetsResponse__Output>
  PreviewPhotos: MethodDefinition<_tinct_v1_PreviewPhotosRequest, _tinct_v1_PreviewPhotosResponse, _tinct_v1_PreviewPhotosRequest__Output, _tinct_v1_PreviewPhotosResponse__Output>
  UploadDataset: MethodDefinition<_tinct_v1_UploadDatasetRequest, _tinct_v1_UploadDatasetResponse, _tinct_v1_UploadDatasetRequest__Output, _tinct_v1_UploadDatasetResponse__Output>
  UploadPieces: MethodDefinition<_tinct_v1_UploadPiecesRequest, _tinct_v1_UploadPiecesResponse, _tinct_v1_UploadPiecesRequest__Output, _tinct_v1_UploadPiecesResponse__Output>
}
