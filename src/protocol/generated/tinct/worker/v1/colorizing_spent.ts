// Made from protos/tinct/worker/v1/colorizing.proto
// by `deno task protos`. Changes here get lost.

export interface ColorizingSpent {
}

export interface ColorizingSpent__Output {
}
