// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { WorkRequest as _tinct_worker_v1_WorkRequest, WorkRequest__Output as _tinct_worker_v1_WorkRequest__Output } from '../../../tinct/worker/v1/work_request.ts';
import type { WorkResponse as _tinct_worker_v1_WorkResponse, WorkResponse__Output as _tinct_worker_v1_WorkResponse__Output } from '../../../tinct/worker/v1/work_response.ts';

export interface WorkerServiceClient extends grpc.Client {
  Work(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_worker_v1_WorkRequest, _tinct_worker_v1_WorkResponse__Output>;
  Work(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_worker_v1_WorkRequest, _tinct_worker_v1_WorkResponse__Output>;
  work(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_worker_v1_WorkRequest, _tinct_worker_v1_WorkResponse__Output>;
  work(options?: grpc.CallOptions): grpc.ClientDuplexStream<_tinct_worker_v1_WorkRequest, _tinct_worker_v1_WorkResponse__Output>;

}

export interface WorkerServiceHandlers extends grpc.UntypedServiceImplementation {
  Work: grpc.handleBidiStreamingCall<_tinct_worker_v1_WorkRequest__Output, _tinct_worker_v1_WorkResponse>;

}

export interface WorkerServiceDefinition extends grpc.ServiceDefinition {
  Work: MethodDefinition<_tinct_worker_v1_WorkRequest, _tinct_worker_v1_WorkResponse, _tinct_worker_v1_WorkRequest__Output, _tinct_worker_v1_WorkResponse__Output>
}
