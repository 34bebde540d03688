// Made from protos/tinct/worker/v1/worker.proto
// by `deno task protos`. Changes here get lost.

export interface SaveCheckpoint {
}

export interface SaveCheckpoint__Output {
}
