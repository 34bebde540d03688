// Made from protos/tinct/v1/sweep_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteSweepResponse {
}

export interface DeleteSweepResponse__Output {
}
