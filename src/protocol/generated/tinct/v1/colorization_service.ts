// Made from protos/tinct/v1/colorization_service.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ColorizeFramesRequest as _tinct_v1_ColorizeFramesRequest, ColorizeFramesRequest__Output as _tinct_v1_ColorizeFramesRequest__Output } from '../../tinct/v1/colorize_frames_request.ts';
import type { ColorizeFramesResponse as _tinct_v1_ColorizeFramesResponse, ColorizeFramesResponse__Output as _tinct_v1_ColorizeFramesResponse__Output } from '../../tinct/v1/colorize_frames_response.ts';
import type { ColorizeInPiecesRequest as _tinct_v1_ColorizeInPiecesRequest, ColorizeInPiecesRequest__Output as _tinct_v1_ColorizeInPiecesRequest__Output } from '../../tinct/v1/colorize_in_pieces_request.ts';
import type { ColorizeInPiecesResponse as _tinct_v1_ColorizeInPiecesResponse, ColorizeInPiecesResponse__Output as _tinct_v1_ColorizeInPiecesResponse__Output } from '../../tinct/v1/colorize_in_pieces_response.ts';
import type { ColorizeRequest as _tinct_v1_ColorizeRequest, ColorizeRequest__Output as _tinct_v1_ColorizeRequest__Output } from '../../tinct/v1/colorize_request.ts';
import type { ColorizeResponse as _tinct_v1_ColorizeResponse, ColorizeResponse__Output as _tinct_v1_ColorizeResponse__Output } from '../../tinct/v1/colorize_response.ts';
import type { ColorizeStreamRequest as _tinct_v1_ColorizeStreamRequest, ColorizeStreamRequest__Output as _tinct_v1_ColorizeStreamRequest__Output } from '../../tinct/v1/colorize_stream_request.ts';
import type { ColorizeStreamResponse as _tinct_v1_ColorizeStreamResponse, ColorizeStreamResponse__Output as _tinct_v1_ColorizeStreamResponse__Output } from '../../tinct/v1/colorize_stream_response.ts';
import type { StreamMetricsRequest as _tinct_v1_StreamMetricsRequest, StreamMetricsRequest__Output as _tinct_v1_StreamMetricsRequest__Output } from '../../tinct/v1/stream_metrics_request.ts';
import type { StreamMetricsResponse as _tinct_v1_StreamMetricsResponse, StreamMetricsResponse__Output as _tinct_v1_StreamMetricsResponse__Output } from '../../tinct/v1/stream_metrics_response.ts';
import type { TrainRequest as _tinct_v1_TrainRequest, TrainRequest__Output as _tinct_v1_TrainRequest__Output } from '../../tinct/v1/train_request.ts';
import type { TrainResponse as _tinct_v1_TrainResponse, TrainResponse__Output as _tinct_v1_TrainResponse__Output } from '../../tinct/v1/train_response.ts';

export interface ColorizationServiceClient extends grpc.Client {
  Colorize(argument: _tinct_v1_ColorizeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  Colorize(argument: _tinct_v1_ColorizeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  Colorize(argument: _tinct_v1_ColorizeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  Colorize(argument: _tinct_v1_ColorizeRequest, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  colorize(argument: _tinct_v1_ColorizeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  colorize(argument: _tinct_v1_ColorizeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  colorize(argument: _tinct_v1_ColorizeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;
  colorize(argument: _tinct_v1_ColorizeRequest, callback: grpc.requestCallback<_tinct_v1_ColorizeResponse__Output>): grpc.ClientUnaryCall;

  ColorizeFrames(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeFramesRequest, _tinct_v1_ColorizeFramesResponse__Output>;
  ColorizeFrames(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeFramesRequest, _tinct_v1_ColorizeFramesResponse__Output>;
  colorizeFrames(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeFramesRequest, _tinct_v1_ColorizeFramesResponse__Output>;
  colorizeFrames(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeFramesRequest, _tinct_v1_ColorizeFramesResponse__Output>;

  ColorizeInPieces(argument: _tinct_v1_ColorizeInPiecesRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ColorizeInPiecesResponse__Output>;
  ColorizeInPieces(argument: _tinct_v1_ColorizeInPiecesRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ColorizeInPiecesResponse__Output>;
  colorizeInPieces(argument: _tinct_v1_ColorizeInPiecesRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ColorizeInPiecesResponse__Output>;
  colorizeInPieces(argument: _tinct_v1_ColorizeInPiecesRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_ColorizeInPiecesResponse__Output>;

  ColorizeStream(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeStreamRequest, _tinct_v1_ColorizeStreamResponse__Output>;
  ColorizeStream(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeStreamRequest, _tinct_v1_ColorizeStreamResponse__Output>;
  colorizeStream(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeStreamRequest, _tinct_v1_ColorizeStreamResponse__Output>;
  colorizeStream(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_v1_ColorizeStreamRequest, _tinct_v1_ColorizeStreamResponse__Output>;

  StreamMetrics(argument: _tinct_v1_StreamMetricsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_StreamMetricsResponse__Output>;
  StreamMetrics(argument: _tinct_v1_StreamMetricsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_StreamMetricsResponse__Output>;
  streamMetrics(argument: _tinct_v1_StreamMetricsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_StreamMetricsResponse__Output>;
  streamMetrics(argument: _tinct_v1_StreamMetricsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_tinct_v1_StreamMetricsResponse__Output>;

  Train(argument: _tinct_v1_TrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  Train(argument: _tinct_v1_TrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  Train(argument: _tinct_v1_TrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  Train(argument: _tinct_v1_TrainRequest, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  train(argument: _tinct_v1_TrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  train(argument: _tinct_v1_TrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  train(argument: _tinct_v1_TrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;
  train(argument: _tinct_v1_TrainRequest, callback: grpc.requestCallback<_tinct_v1_TrainResponse__Output>): grpc.ClientUnaryCall;

}

export interface ColorizationServiceHandlers extends grpc.UntypedServiceImplementation {
  Colorize: grpc.handleUnaryCall<_tinct_v1_ColorizeRequest__Output, _tinct_v1_ColorizeResponse>;

  ColorizeFrames: grpc.handleBidiStreamingCall<_tinct_v1_ColorizeFramesRequest__Output, _tinct_v1_ColorizeFramesResponse>;

  ColorizeInPieces: grpc.handleServerStreamingCall<_tinct_v1_ColorizeInPiecesRequest__Output, _tinct_v1_ColorizeInPiecesResponse>;

  ColorizeStream: grpc.handleBidiStreamingCall<_tinct_v1_ColorizeStreamRequest__Output, _tinct_v1_ColorizeStreamResponse>;

  StreamMetrics: grpc.handleServerStreamingCall<_tinct_v1_StreamMetricsRequest__Output, _tinct_v1_StreamMetricsResponse>;

  Train: grpc.handleUnaryCall<_tinct_v1_TrainRequest__Output, _tinct_v1_TrainResponse>;

}

export interface ColorizationServiceDefinition extends grpc.ServiceDefinition {
  Colorize: MethodDefinition<_tinct_v1_ColorizeRequest, _tinct_v1_ColorizeResponse, _tinct_v1_ColorizeRequest__Output, _tinct_v1_ColorizeResponse__Output>
  ColorizeFrames: MethodDefinition<_tinct_v1_ColorizeFramesRequest, _tinct_v1_ColorizeFramesResponse, _tinct_v1_ColorizeFramesRequest__Output, _tinct_v1_ColorizeFramesResponse__Output>
  ColorizeInPieces: MethodDefinition<_tinct_v1_ColorizeInPiecesRequest, _tinct_v1_ColorizeInPiecesResponse, _tinct_v1_ColorizeInPiecesRequest__Output, _tinct_v1_ColorizeInPiecesResponse__Output>
  ColorizeStream: MethodDefinition<_tinct_v1_ColorizeStreamRequest, _tinct_v1_ColorizeStreamResponse, _tinct_v1_ColorizeStreamRequest__Output, _tinct_v1_ColorizeStreamResponse__Output>
  StreamMetrics: MethodDefinition<_tinct_v1_StreamMetricsRequest, _tinct_v1_StreamMetricsResponse, _tinct_v1_StreamMetricsRequest__Output, _tinct_v1_StreamMetricsResponse__Output>
  Train: MethodDefinition<_tinct_v1_TrainRequest, _tinct_v1_TrainResponse, _tinct_v1_TrainRequest__Output, _tinct_v1_TrainResponse__Output>
}
