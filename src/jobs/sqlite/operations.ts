import type { Store } from "../store.ts";
import type { Database } from "./database.ts";
import { datasetOperations } from "./dataset_operations.ts";
import { eventOperations } from "./event_operations.ts";
import { jobOperations } from "./job_operations.ts";
import { modelOperations } from "./model_operations.ts";
import { sweepOperations } from "./sweep_operations.ts";
import { valueOperations } from "./value_operations.ts";

/** What an operation works with. */
export interface OperationContext {
  readonly database: Database;
  readonly nowMs: number;
  /** Operations that append events note the job's id and its last sequence number here. */
  readonly appended: Map<string, number>;
}

/** The methods of a part of the store, done at once on a database, within a transaction. */
export type Operations<Part> = {
  readonly [Method in keyof Part]: Part[Method] extends
    (...args: infer Args) => Promise<infer Result>
    ? (context: OperationContext, ...args: Args) => Result
    : never;
};

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

/** Which methods only read; all others change something and share a transaction. */
export const readingMethods: ReadonlySet<string> = new Set(
  [
    "jobs.get",
    "jobs.list",
    "jobs.requireDeletable",
    "events.read",
    "events.newest",
    "events.checkpoints",
    "models.get",
    "models.list",
    "datasets.get",
    "datasets.list",
    "sweeps.get",
    "sweeps.list",
    "values.get",
  ],
);
