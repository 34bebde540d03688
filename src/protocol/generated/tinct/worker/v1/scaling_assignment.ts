// Made from protos/tinct/worker/v1/scaling.proto
// by `deno task protos`. Changes here get lost.

export interface ScalingAssignment {
}

export interface ScalingAssignment__Output {
}
