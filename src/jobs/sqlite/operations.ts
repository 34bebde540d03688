import type { Store } from "../store.ts";
import { datasetOperations } from "./dataset_operations.ts";
import { eventOperations } from "./event_operations.ts";
import { jobOperations } from "./job_operations.ts";
import { modelOperations } from "./model_operations.ts";
import type { Operations } from "./operation.ts";
import { sweepOperations } from "./sweep_operations.ts";
import { valueOperations } from "./value_operations.ts";

/** The parts of a store that are made of methods. */
export type StorePart = "jobs" | "events" | "models" | "datasets" | "sweeps" | "values";

/** Every method of the store. */
export const operations: { readonly [Part in StorePart]: Operations<Store[Part]> } = {
  jobs: jobOperations,
  events: eventOperations,
  models: modelOperations,
  datasets: datasetOperations,
  sweeps: sweepOperations,
  values: valueOperations,
};

/** What a method does: those that only read do not wait for the lock of those that write. */
type Access = "reads" | "writes";

/** What each method of the store does; one that is missing does not compile. */
const accesses: {
  readonly [Part in StorePart]: { readonly [Method in keyof Store[Part]]: Access };
} = {
  jobs: {
    create: "writes",
    get: "reads",
    findRequested: "reads",
    list: "reads",
    trigger: "writes",
    claim: "writes",
    recover: "writes",
    requireDeletable: "reads",
    delete: "writes",
  },
  events: {
    append: "writes",
    read: "reads",
    newest: "reads",
    checkpoints: "reads",
    forgetCheckpoints: "writes",
  },
  models: { promote: "writes", get: "reads", at: "reads", list: "reads", delete: "writes" },
  datasets: { begin: "writes", finish: "writes", get: "reads", list: "reads", delete: "writes" },
  sweeps: {
    create: "writes",
    get: "reads",
    list: "reads",
    addRun: "writes",
    endRun: "writes",
    end: "writes",
    delete: "writes",
  },
  values: { get: "reads", set: "writes" },
};

const readingMethods: ReadonlySet<string> = new Set(
  Object.entries(accesses).flatMap(([part, methods]) => {
    return Object.entries<Access>(methods).filter(([, access]) => access === "reads")
      .map(([method]) => `${part}.${method}`);
  }),
);

/** Whether a method only reads; all others change something and share a transaction. */
export function isReading(part: string, method: string): boolean {
  return readingMethods.has(`${part}.${method}`);
}
