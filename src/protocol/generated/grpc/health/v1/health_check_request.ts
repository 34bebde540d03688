// Made from protos/grpc/health/v1/health.proto
// by `deno task protos`. Changes here get lost.

export interface HealthCheckRequest {
  'service'?: (string);
}

export interface HealthCheckRequest__Output {
  'service': (string);
}
