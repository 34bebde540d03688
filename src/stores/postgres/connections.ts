import { TinctError } from "../../errors.ts";
import { isStoreAway } from "../../jobs/store_away.ts";
import { type LockName, type Step, type Work } from "../operations/operation.ts";
import { type QueryName, readQueries } from "../operations/named_queries.ts";
import type { Row } from "../operations/row.ts";
import { type CompiledQuery, compileQuery, valuesOf } from "./compiled_query.ts";
import type { DatabasePlace } from "./connection_string.ts";
import { pg, type PgClient, type PgPoolClient } from "./pg_package.ts";
import { describePostgresError, isConflict } from "./postgres_errors.ts";

/** How many connections a server may have at a time, besides the one that listens. */
const MAX_CONNECTIONS = 10;
/** How long a connection may take to be there. */
const CONNECT_TIMEOUT_MS = 5000;
/** How long an answer may take; then the connection is given up. */
const ANSWER_TIMEOUT_MS = 15_000;
/**
 * How long a migration may take, and the wait for one of another server: it may rewrite a large table.
 * A connection that is dead is found out by TCP's keepalive before.
 */
const MIGRATION_TIMEOUT_MS = 3_600_000;
/** How long a call goes on trying where the database is away, before it says so. */
const PATIENCE_MS = 5000;
/** Pauses between two tries, the last one again and again. */
const RETRY_DELAYS_MS = [20, 100, 500];

/**
 * Begins a transaction. What it sets ends with it, so that it may be any connection of a pooler. A server
 * that is stopped in its midst keeps a row no longer than that.
 */
const BEGIN = "BEGIN; SET LOCAL statement_timeout = 10000; SET LOCAL lock_timeout = 5000; " +
  "SET LOCAL idle_in_transaction_session_timeout = 10000";

/** Begins a migration, whatever the database sets for its statements. */
const BEGIN_ALONE = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; " +
  "SET LOCAL idle_in_transaction_session_timeout = 0";

/** Numbers of the locks that a transaction takes; the first half of each is ours ("Tnct"). */
const LOCKS: Readonly<Record<LockName | "migrate", number>> = {
  migrate: 0,
  queue: 1,
  models: 2,
  datasets: 3,
  sweeps: 4,
};
const LOCK_SPACE = 0x546e6374;

/** Numbers come as numbers, JSON as text: as SQLite gives them. */
const types = {
  getTypeParser(oid: number): (value: string) => unknown {
    const isNumber = [20, 21, 23, 700, 701].includes(oid);
    return isNumber ? Number : (value) => value;
  },
};

/** How a call is made. */
interface CallOptions {
  /** Whether it only reads: then it needs no transaction. */
  readonly isRead: boolean;
}

/** The connections to a database, and how operations are performed over them. */
export class Connections implements AsyncDisposable {
  readonly place: DatabasePlace;
  readonly #pool: InstanceType<typeof pg.Pool>;
  readonly #queries = new Map<QueryName, CompiledQuery>();

  /** Opens none yet. @param answerTimeoutMs for tests. */
  constructor(place: DatabasePlace, answerTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.place = place;
    this.#pool = new pg.Pool({
      ...clientOptions(place, answerTimeoutMs),
      max: MAX_CONNECTIONS,
      idleTimeoutMillis: 30_000,
    });
    // An idle connection that ends is replaced when one is needed.
    this.#pool.on("error", () => {});
    for (const [name, sql] of readQueries(new URL("./queries/", import.meta.url))) {
      this.#queries.set(name, compileQuery(sql));
    }
  }

  /** A connection of its own, not yet open, for listening. */
  newClient(): PgClient {
    return new pg.Client(clientOptions(this.place, ANSWER_TIMEOUT_MS));
  }

  /**
   * Performs an operation, again where it came to nothing because the database was away for a moment or
   * another transaction was in the way.
   *
   * @param begin makes it; each try takes a new one.
   * @throws {TinctError} unavailable where the database is away.
   */
  async perform<T>(begin: () => Work<T>, { isRead }: CallOptions): Promise<T> {
    const drive = (client: PgClient) => this.#drive(client, begin());
    return isRead ? await this.#withClient(drive) : await this.#transaction(BEGIN, drive);
  }

  /** Runs a statement by itself. */
  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return await this.#withClient(async (client) => (await client.query(sql, values)).rows);
  }

  /**
   * Runs `work` in a transaction that nobody else runs at the same time, for migrations. It has a
   * connection of its own, whose answers may take long.
   */
  async alone<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    return await this.#patiently(async (mayRepeat) => {
      const client = new pg.Client(clientOptions(this.place, MIGRATION_TIMEOUT_MS));
      client.on("error", () => {}); // the call in progress is told
      try {
        await client.connect();
        await client.query(BEGIN_ALONE);
        await takeLock(client, "migrate");
        const value = await work(client);
        mayRepeat.value = false;
        await client.query("COMMIT");
        return value;
      } finally {
        await client.end().catch(() => {}); // undoes what was not committed
      }
    });
  }

  /** Closes all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }

  async #transaction<T>(begin: string, work: (client: PgClient) => Promise<T>): Promise<T> {
    return await this.#withClient(async (client, mayRepeat) => {
      await client.query(begin);
      const value = await work(client);
      mayRepeat.value = false; // whether a commit without an answer was done is not known
      await client.query("COMMIT");
      return value;
    });
  }

  /** Runs `work` with a connection; see `perform`. */
  async #withClient<T>(
    work: (client: PgClient, mayRepeat: { value: boolean }) => Promise<T>,
  ): Promise<T> {
    return await this.#patiently((mayRepeat) => this.#once(work, mayRepeat));
  }

  /** Tries again for a while where the database is away or another transaction was in the way. */
  async #patiently<T>(attempt: (mayRepeat: { value: boolean }) => Promise<T>): Promise<T> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (let tries = 0;; tries++) {
      const mayRepeat = { value: true };
      try {
        return await attempt(mayRepeat);
      } catch (error) {
        const described = describePostgresError(this.place.name, error);
        const passes = isStoreAway(described) || isConflict(error);
        if (!passes || !mayRepeat.value || performance.now() > untilMs) throw described;
      }
      const delayMs = RETRY_DELAYS_MS[Math.min(tries, RETRY_DELAYS_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }

  async #once<T>(
    work: (client: PgClient, mayRepeat: { value: boolean }) => Promise<T>,
    mayRepeat: { value: boolean },
  ): Promise<T> {
    const client = await this.#pool.connect();
    const ignore = () => {}; // the call in progress is told
    client.on("error", ignore);
    let isSound = false;
    try {
      const value = await work(client, mayRepeat);
      isSound = true;
      return value;
    } catch (error) {
      isSound = await isRolledBack(client, error, this.place.name);
      throw error;
    } finally {
      client.removeListener("error", ignore);
      client.release(!isSound);
    }
  }

  async #drive<T>(client: PgClient, work: Work<T>): Promise<T> {
    let step = work.next([]);
    while (!step.done) step = work.next(await this.#take(client, step.value));
    return step.value;
  }

  async #take(client: PgClient, step: Step): Promise<readonly Row[]> {
    if ("lock" in step) {
      await takeLock(client, step.lock);
      return [];
    }
    const query = this.#queries.get(step.query);
    if (!query) throw new TypeError(`There is no query ${step.query}.`);
    const parameters = "each" in step ? { rows: JSON.stringify(step.each) } : step.parameters;
    return (await client.query(query.sql, valuesOf(query, parameters))).rows;
  }
}

/** Waits for a lock, and holds it until the transaction ends. */
async function takeLock(client: PgClient, name: keyof typeof LOCKS): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1, $2)", [LOCK_SPACE, LOCKS[name]]);
}

/** Undoes what a failed call began. @returns whether the connection can be used on. */
async function isRolledBack(client: PgPoolClient, error: unknown, name: string): Promise<boolean> {
  if (!(error instanceof TinctError) && isStoreAway(describePostgresError(name, error))) {
    return false;
  }
  try {
    await client.query("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}

function clientOptions(
  { host, port, database, user, password, ssl }: DatabasePlace,
  answerTimeoutMs: number,
) {
  return {
    host,
    port,
    database,
    user,
    password,
    ssl,
    application_name: "tinct",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    types,
  };
}
