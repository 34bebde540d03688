import type { WorkerEndpoint } from "./worker_endpoint.ts";

/** What a worker's starter tells it before it has dialled: one line of JSON on stdin. */
export interface WorkerStart {
  /** Where to dial. */
  readonly endpoint: WorkerEndpoint;
  /** Proves once that this process is the one that was started. */
  readonly token: string;
  /** `libtensorflow_cc.so.2`; absent where the worker does not compute. */
  readonly libraryPath?: string | undefined;
}

/** Whether a value is what a worker is told. */
export function isWorkerStart(value: unknown): value is WorkerStart {
  return isObject(value) && "endpoint" in value && isObject(value.endpoint) &&
    "address" in value.endpoint && typeof value.endpoint.address === "string" &&
    "token" in value && typeof value.token === "string";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
