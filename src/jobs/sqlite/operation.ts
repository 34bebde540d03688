import type { Database } from "./database.ts";

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
