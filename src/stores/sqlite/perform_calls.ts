import type { Appended } from "../../jobs/store.ts";
import type { Database } from "./database.ts";
import { isReading, operations } from "../operations/all_operations.ts";
import type { Work } from "../operations/operation.ts";
import { packError } from "./sent_error.ts";
import type { Answer, StoreCall } from "./thread_messages.ts";

/** What came of some calls. */
interface Performed {
  readonly answers: readonly Answer[];
  readonly appended: readonly Appended[];
}

/**
 * Performs calls that came together. Those that change something share one transaction, so that
 * they share the wait for the disk; each still changes all or nothing, whatever becomes of the
 * others. Those that read come first and see nothing of the changes.
 */
export function performCalls(database: Database, calls: readonly StoreCall[]): Performed {
  const reads = calls.filter(isRead).map((call) => settle(call, () => perform(database, call)));
  const writes = performTogether(database, calls.filter((call) => !isRead(call)));
  const done = [...reads, ...writes];
  const appended = new Map<string, number>();
  for (const each of done) {
    for (const [jobId, lastSequence] of each.appended) appended.set(jobId, lastSequence);
  }
  return {
    answers: done.map(({ answer }) => answer),
    appended: [...appended].map(([jobId, lastSequence]) => ({ jobId, lastSequence })),
  };
}

/** One call, performed. */
interface Done {
  readonly answer: Answer;
  readonly appended: ReadonlyMap<string, number>;
}

/** What an operation gave, and the events it appended. */
interface Result {
  readonly value: unknown;
  readonly appended: ReadonlyMap<string, number>;
}

function performTogether(database: Database, calls: readonly StoreCall[]): readonly Done[] {
  if (calls.length === 0) return [];
  let began = false;
  try {
    return database.transaction(() => {
      began = true;
      return calls.map((call) => {
        return settle(call, () => database.part(() => perform(database, call)), () => {
          return !database.inTransaction;
        });
      });
    });
  } catch (error) {
    // Without a transaction no call can do better alone, and each would wait in vain.
    if (!began || calls.length === 1) return calls.map((call) => failed(call, error));
    // A full disk, say, undid all of it; a smaller call may still fit.
    return calls.map((call) => {
      return settle(call, () => database.transaction(() => perform(database, call)));
    });
  }
}

function perform(
  database: Database,
  { part, method, args, owner, nowMs }: StoreCall,
): Result {
  const appended = new Map<string, number>();
  // The caller's types were checked on the other side, against the same interface.
  const methods = operations[part] as unknown as Record<
    string,
    (...args: unknown[]) => Work<unknown>
  >;
  const operation = methods[method];
  if (!operation) throw new TypeError(`The store has no method ${part}.${method}.`);
  const context = { owner, nowMs, leaseNowMs: nowMs, appended };
  return { value: database.perform(operation(context, ...args)), appended };
}

/** Turns what a call gives or throws into its answer, except for errors that concern others too. */
function settle(
  call: StoreCall,
  work: () => Result,
  concernsAll: () => boolean = () => false,
): Done {
  try {
    const { value, appended } = work();
    return { answer: { id: call.id, value }, appended };
  } catch (error) {
    if (concernsAll()) throw error;
    return failed(call, error);
  }
}

function failed({ id }: StoreCall, error: unknown): Done {
  return { answer: { id, error: packError(error) }, appended: new Map() };
}

function isRead({ part, method }: StoreCall): boolean {
  return isReading(part, method);
}
