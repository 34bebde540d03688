import type { BadRequest, BadRequest__Output } from "./generated/google/rpc/bad_request.ts";
import type { ErrorInfo, ErrorInfo__Output } from "./generated/google/rpc/error_info.ts";
import type {
  PreconditionFailure,
  PreconditionFailure__Output,
} from "./generated/google/rpc/precondition_failure.ts";
import type { QuotaFailure, QuotaFailure__Output } from "./generated/google/rpc/quota_failure.ts";
import type { ResourceInfo, ResourceInfo__Output } from "./generated/google/rpc/resource_info.ts";
import type { RetryInfo, RetryInfo__Output } from "./generated/google/rpc/retry_info.ts";
import type { Status, Status__Output } from "./generated/google/rpc/status.ts";
import type {
  HealthClient,
  HealthDefinition,
  HealthHandlers,
} from "./generated/grpc/health/v1/health.ts";
import type {
  ServerReflectionClient,
  ServerReflectionDefinition,
  ServerReflectionHandlers,
} from "./generated/grpc/reflection/v1/server_reflection.ts";
import type {
  GRPCInferenceServiceClient,
  GRPCInferenceServiceDefinition,
  GRPCInferenceServiceHandlers,
} from "./generated/inference/grpcinference_service.ts";
import type {
  ColorizationServiceClient,
  ColorizationServiceDefinition,
  ColorizationServiceHandlers,
} from "./generated/tinct/v1/colorization_service.ts";
import type {
  DatasetServiceClient,
  DatasetServiceDefinition,
  DatasetServiceHandlers,
} from "./generated/tinct/v1/dataset_service.ts";
import type {
  ModelServiceClient,
  ModelServiceDefinition,
  ModelServiceHandlers,
} from "./generated/tinct/v1/model_service.ts";
import type {
  SweepServiceClient,
  SweepServiceDefinition,
  SweepServiceHandlers,
} from "./generated/tinct/v1/sweep_service.ts";
import type {
  TrainingJobServiceClient,
  TrainingJobServiceDefinition,
  TrainingJobServiceHandlers,
} from "./generated/tinct/v1/training_job_service.ts";
import type {
  WeightsServiceClient,
  WeightsServiceDefinition,
  WeightsServiceHandlers,
} from "./generated/tinct/v1/weights_service.ts";
import type {
  WorkerServiceClient,
  WorkerServiceDefinition,
  WorkerServiceHandlers,
} from "./generated/tinct/worker/v1/worker_service.ts";

/** The types of a service. */
interface ServiceTypes<Definition, Client, Handlers> {
  readonly definition: Definition;
  readonly client: Client;
  readonly handlers: Handlers;
}

/** Every service by its full name. */
export interface Services {
  "tinct.v1.ColorizationService": ServiceTypes<
    ColorizationServiceDefinition,
    ColorizationServiceClient,
    ColorizationServiceHandlers
  >;
  "tinct.v1.TrainingJobService": ServiceTypes<
    TrainingJobServiceDefinition,
    TrainingJobServiceClient,
    TrainingJobServiceHandlers
  >;
  "tinct.v1.ModelService": ServiceTypes<
    ModelServiceDefinition,
    ModelServiceClient,
    ModelServiceHandlers
  >;
  "tinct.v1.DatasetService": ServiceTypes<
    DatasetServiceDefinition,
    DatasetServiceClient,
    DatasetServiceHandlers
  >;
  "tinct.v1.SweepService": ServiceTypes<
    SweepServiceDefinition,
    SweepServiceClient,
    SweepServiceHandlers
  >;
  "tinct.v1.WeightsService": ServiceTypes<
    WeightsServiceDefinition,
    WeightsServiceClient,
    WeightsServiceHandlers
  >;
  "inference.GRPCInferenceService": ServiceTypes<
    GRPCInferenceServiceDefinition,
    GRPCInferenceServiceClient,
    GRPCInferenceServiceHandlers
  >;
  "grpc.health.v1.Health": ServiceTypes<HealthDefinition, HealthClient, HealthHandlers>;
  "grpc.reflection.v1.ServerReflection": ServiceTypes<
    ServerReflectionDefinition,
    ServerReflectionClient,
    ServerReflectionHandlers
  >;
  "tinct.worker.v1.WorkerService": ServiceTypes<
    WorkerServiceDefinition,
    WorkerServiceClient,
    WorkerServiceHandlers
  >;
}

/** The messages that travel inside others, by full name. */
export interface Messages {
  "google.rpc.Status": { readonly input: Status; readonly output: Status__Output };
  "google.rpc.BadRequest": { readonly input: BadRequest; readonly output: BadRequest__Output };
  "google.rpc.ErrorInfo": { readonly input: ErrorInfo; readonly output: ErrorInfo__Output };
  "google.rpc.PreconditionFailure": {
    readonly input: PreconditionFailure;
    readonly output: PreconditionFailure__Output;
  };
  "google.rpc.QuotaFailure": {
    readonly input: QuotaFailure;
    readonly output: QuotaFailure__Output;
  };
  "google.rpc.ResourceInfo": {
    readonly input: ResourceInfo;
    readonly output: ResourceInfo__Output;
  };
  "google.rpc.RetryInfo": { readonly input: RetryInfo; readonly output: RetryInfo__Output };
}
