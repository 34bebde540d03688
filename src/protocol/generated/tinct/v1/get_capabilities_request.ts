// Made from protos/tinct/v1/training_job_service.proto
// by `deno task protos`. Changes here get lost.

export interface GetCapabilitiesRequest {
}

export interface GetCapabilitiesRequest__Output {
}
