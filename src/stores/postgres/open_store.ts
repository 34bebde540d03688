import { TinctError } from "../../errors.ts";
import type { Appended, Store } from "../../jobs/store.ts";
import { isReading, operations, type StorePart } from "../operations/all_operations.ts";
import type { OperationContext, Work } from "../operations/operation.ts";
import { Connections } from "./connections.ts";
import type { DatabasePlace } from "./connection_string.ts";
import { migrate } from "./migrate.ts";
import { News } from "./news.ts";
import { RowRemoval } from "./row_removal.ts";

/** How a store is opened. */
interface PostgresStoreOptions {
  /** See `Store.owner`. */
  readonly owner: string;
  /**
   * The clock of what is stored, in milliseconds since 1970; the system's by default. Leases go by the
   * database's, unless one is given.
   */
  readonly now?: (() => number) | undefined;
  /** Told, in a sentence, of what an operator should know. */
  readonly onNotice?: (sentence: string) => void;
  /** For tests: how long an answer may take. */
  readonly answerTimeoutMs?: number;
}

/**
 * Opens the store in a database of PostgreSQL, makes its tables where there are none, and brings it to
 * the newest version. Other servers may work with it at the same time.
 *
 * Where the database is away, a call tries again for some seconds and then throws `unavailable` with the
 * kind STORE_AWAY. What a call that changes something came to is not known then.
 *
 * @returns the store, which the caller disposes of.
 * @throws {TinctError} unavailable where it cannot be reached, permission_denied, failed_precondition
 *   (no such database, one of a newer version or of another program, TLS that is not trusted).
 */
export async function openPostgresStore(
  place: DatabasePlace,
  { owner, now, onNotice = () => {}, answerTimeoutMs }: PostgresStoreOptions,
): Promise<Store> {
  const connections = new Connections(place, answerTimeoutMs);
  try {
    await migrate(connections);
  } catch (error) {
    await connections[Symbol.asyncDispose]();
    throw error;
  }
  return new PostgresStore(connections, { owner, now, onNotice });
}

class PostgresStore implements Store {
  readonly owner: string;
  readonly isShared = true;
  readonly jobs = this.#methodsOf("jobs");
  readonly events = this.#methodsOf("events");
  readonly models = this.#methodsOf("models");
  readonly datasets = this.#methodsOf("datasets");
  readonly sweeps = this.#methodsOf("sweeps");
  readonly values = this.#methodsOf("values");
  readonly leases = this.#methodsOf("leases");
  readonly #connections: Connections;
  readonly #news: News;
  readonly #removal: RowRemoval;
  readonly #now: (() => number) | undefined;
  readonly #listeners = new Set<(appended: Appended) => void>();
  /** The last change of each job that is under way; none rejects. */
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(
    connections: Connections,
    { owner, now, onNotice }: Required<Omit<PostgresStoreOptions, "answerTimeoutMs">>,
  ) {
    this.owner = owner;
    this.#connections = connections;
    this.#now = now;
    const onAppended = (appended: Appended) => this.#spread(appended);
    this.#news = new News(connections, { owner, onAppended, onNotice });
    this.#news.start();
    this.#removal = new RowRemoval(connections);
    this.#removal.start();
  }

  onAppended(listener: (appended: Appended) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  follow(jobId: string): Disposable {
    return this.#news.follow(jobId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#removal[Symbol.asyncDispose]();
    await this.#news[Symbol.asyncDispose]();
    await this.#connections[Symbol.asyncDispose]();
  }

  /** The methods of a part of the store. */
  #methodsOf<Part extends StorePart>(part: Part): Store[Part] {
    // The caller's types were checked against the same interface.
    const methods = operations[part] as unknown as Record<
      string,
      (context: OperationContext, ...args: unknown[]) => Work<unknown>
    >;
    const made = Object.entries(methods).map(([method, operation]) => {
      const call = (...args: unknown[]) =>
        this.#call({ part, method }, args, (context) => operation(context, ...args));
      return [method, call];
    });
    // `operations` has, by its type, the part's methods and no others.
    return Object.fromEntries(made) as Store[Part];
  }

  #call(
    { part, method }: { readonly part: StorePart; readonly method: string },
    args: readonly unknown[],
    begin: (context: OperationContext) => Work<unknown>,
  ): Promise<unknown> {
    if (this.#closed) {
      return Promise.reject(new TinctError("unavailable", "The job store is closed."));
    }
    const isRead = isReading(part, method);
    const nowMs = (this.#now ?? Date.now)();
    const leaseNowMs = this.#now ? nowMs : null;
    const work = async () => {
      let appended = new Map<string, number>();
      const value = await this.#connections.perform(() => {
        appended = new Map(); // of the try that counts
        return begin({ owner: this.owner, nowMs, leaseNowMs, appended });
      }, { isRead });
      for (const [jobId, lastSequence] of appended) {
        this.#spread({ jobId, lastSequence });
        this.#news.tell({ jobId, lastSequence });
      }
      if (part === "jobs" && method === "delete") this.#removal.start();
      return value;
    };
    const line = isRead ? undefined : lineOf(part, method, args);
    const done = line === undefined ? work() : this.#inLine(line, work);
    this.#underWay.add(done);
    const forget = () => void this.#underWay.delete(done);
    done.then(forget, forget);
    return done;
  }

  /** Changes of one job are made in the order of their calls. */
  #inLine(line: string, work: () => Promise<unknown>): Promise<unknown> {
    const before = this.#lines.get(line) ?? Promise.resolve();
    const done = before.then(work);
    const settled = done.catch(() => {}).finally(() => {
      if (this.#lines.get(line) === settled) this.#lines.delete(line);
    });
    this.#lines.set(line, settled);
    return done;
  }

  #spread(appended: Appended): void {
    for (const listener of this.#listeners) listener(appended);
  }
}

/** What a change waits in line for; undefined: for nothing. */
function lineOf(part: StorePart, method: string, args: readonly unknown[]): string | undefined {
  if (part === "leases") return undefined;
  if (part !== "events" && part !== "jobs") return part;
  if (method === "create") return "create";
  return typeof args[0] === "string" ? `${method === "claim" ? "slot" : "job"}/${args[0]}` : method;
}
