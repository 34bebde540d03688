// Made from protos/tinct/v1/weights_service.proto
// by `deno task protos`. Changes here get lost.

export interface DeleteWeightsResponse {
}

export interface DeleteWeightsResponse__Output {
}
