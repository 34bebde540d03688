import type { Store } from "../../jobs/store.ts";
import { datasetOperations } from "./dataset_operations.ts";
import { eventOperations } from "./event_operations.ts";
import { jobOperations } from "./job_operations.ts";
import { modelOperations } from "./model_operations.ts";
import { leaseOperations } from "./lease_operations.ts";
import type { Operations } from "./operation.ts";
import { sweepOperations } from "./sweep_operations.ts";
import { valueOperations } from "./value_operations.ts";

/** The parts of a store that are made of methods. */
export type StorePart = "jobs" | "events" | "models" | "datasets" | "sweeps" | "values" | "leases";

/** Every method of the store. */
export const operations: { readonly [Part in StorePart]: Operations<Store[Part]> } = {
  jobs: jobOperations,
  events: eventOperations,
  models: modelOperations,
  datasets: datasetOperations,
  sweeps: sweepOperations,
  values: valueOperations,
  leases: leaseOperations,
};

/** Whether each method only reads; one that is missing does not compile. */
const isRead: {
  readonly [Part in StorePart]: { readonly [Method in keyof Store[Part]]: boolean };
} = {
  jobs: {
    create: false,
    get: true,
    findRequested: true,
    list: true,
    trigger: false,
    claim: false,
    recover: false,
    requireDeletable: true,
    delete: false,
  },
  events: { append: false, read: true, newest: true, checkpoints: true, forgetCheckpoints: false },
  models: { promote: false, get: true, at: true, list: true, delete: false },
  datasets: { begin: false, finish: false, get: true, list: true, delete: false },
  sweeps: {
    create: false,
    get: true,
    list: true,
    unfinished: true,
    addRun: false,
    endRun: false,
    end: false,
    delete: false,
  },
  values: { get: true, set: false },
  leases: { hold: false, release: false, endAll: false, held: true, renewOwn: false },
};

/** Whether a method only reads; all others change something and share a transaction. */
export function isReading(part: StorePart, method: string): boolean {
  const ofPart: Readonly<Record<string, boolean | undefined>> = isRead[part];
  return ofPart[method] ?? false;
}
