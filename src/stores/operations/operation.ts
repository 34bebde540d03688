import type { QueryName } from "./named_queries.ts";
import type { Row } from "./row.ts";

/** Values of a query's parameters by name, without the colon. */
export type Parameters = Readonly<Record<string, string | number | null>>;

/** What holds up others that would change the same together, until the transaction ends. */
export type LockName = "queue" | "models" | "datasets" | "sweeps";

/** A step of an operation, which a driver performs. */
export type Step =
  | { readonly query: QueryName; readonly parameters: Parameters }
  /** The query once for each of these; gives no rows. */
  | { readonly query: QueryName; readonly each: readonly Parameters[] }
  /** For drivers whose transactions run side by side; nothing where they wait in line. */
  | { readonly lock: LockName };

/** An operation at work: it yields its steps, and is given the rows that each one has. */
export type Work<T> = Generator<Step, T, readonly Row[]>;

/** What an operation works with. */
export interface OperationContext {
  /** Who works with this store; see `Store.owner`. */
  readonly owner: string;
  readonly nowMs: number;
  /** Now, for leases; null: the database's own clock says. */
  readonly leaseNowMs: number | null;
  /** Operations that append events note the job's id and its last sequence number here. */
  readonly appended: Map<string, number>;
}

/** The methods of a part of the store, as steps within a transaction. */
export type Operations<Part> = {
  readonly [Method in keyof Part]: Part[Method] extends
    (...args: infer Args) => Promise<infer Result>
    ? (context: OperationContext, ...args: Args) => Work<Result>
    : never;
};

/** All rows that a query gives. */
export function* all(query: QueryName, parameters: Parameters = {}): Work<readonly Row[]> {
  return yield { query, parameters };
}

/** The first row that a query gives, or undefined. */
export function* first(query: QueryName, parameters: Parameters = {}): Work<Row | undefined> {
  return (yield* all(query, parameters))[0];
}

/** The row of a query that always gives one. */
export function* one(query: QueryName, parameters: Parameters = {}): Work<Row> {
  const row = yield* first(query, parameters);
  if (!row) throw new TypeError(`The query ${query} gave no row.`);
  return row;
}

/** Runs a query once for each of these. */
export function* forEach(query: QueryName, each: readonly Parameters[]): Work<void> {
  if (each.length > 0) yield { query, each };
}

/** Holds up others that would change the same together, until the transaction ends. */
export function* lock(name: LockName): Work<void> {
  yield { lock: name };
}
