import { DatabaseSync, type StatementSync } from "node:sqlite";
import { TinctError } from "../../errors.ts";
import { type QueryName, readQueries } from "../operations/named_queries.ts";
import type { Parameters, Step, Work } from "../operations/operation.ts";
import type { Row } from "../operations/row.ts";
import { migrate } from "./migrate.ts";
import { describeSqliteError } from "./sqlite_errors.ts";

const queries = new URL("./queries/", import.meta.url);

/** How a database is opened. */
interface DatabaseOptions {
  /** How long a statement waits for another process, in milliseconds; 5000 by default. */
  readonly busyTimeoutMs?: number;
  /** For tests: called before every statement; may end the process to show what that leaves. */
  readonly failpoint?: ((statement: string) => void) | undefined;
}

/**
 * A connection to the database, with the named queries. Its opener disposes of it. It blocks
 * the thread while it works.
 */
export class Database implements Disposable {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<QueryName, StatementSync>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #failpoint: ((statement: string) => void) | undefined;

  private constructor(path: string, connection: DatabaseSync, options: DatabaseOptions) {
    this.path = path;
    this.#connection = connection;
    this.#failpoint = options.failpoint;
    this.#begin = connection.prepare("BEGIN IMMEDIATE");
    this.#commit = connection.prepare("COMMIT");
    for (const [name, sql] of readQueries(queries)) {
      this.#statements.set(name, connection.prepare(sql));
    }
  }

  /**
   * Opens a database, creates it where there is none, and brings it to the newest version.
   *
   * @param path a file on a local disk: the write-ahead log needs shared memory.
   * @throws {TinctError} failed_precondition (no such folder, a database of a newer version or of
   *   another program, a file system without shared memory), permission_denied, data_loss (damaged),
   *   resource_exhausted (disk full).
   */
  static open(path: string, options: DatabaseOptions = {}): Database {
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(path, { timeout: options.busyTimeoutMs ?? 5000 });
      const mode = connection.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
      if (mode !== "wal") {
        throw new TinctError(
          "failed_precondition",
          `${path} cannot have a write-ahead log on this disk; keep the data folder on a local disk.`,
        );
      }
      // An acknowledged change survives a power cut, not only the death of the process.
      connection.exec("PRAGMA synchronous = FULL");
      connection.exec("PRAGMA foreign_keys = ON");
      connection.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
      migrate(connection, path);
      return new Database(path, connection, options);
    } catch (error) {
      connection?.close();
      throw describeSqliteError(path, error);
    }
  }

  /** The first row that a query gives, or undefined. */
  get(name: QueryName, parameters: Parameters = {}): Row | undefined {
    return this.#execute(name, (statement) => statement.get(parameters));
  }

  /** Performs an operation's steps, one after the other. */
  perform<T>(work: Work<T>): T {
    let step = work.next([]);
    while (!step.done) step = work.next(this.#take(step.value));
    return step.value;
  }

  /** Runs a query for its effect; returns how many rows it changed. */
  run(name: QueryName, parameters: Parameters = {}): number {
    return this.#execute(name, (statement) => Number(statement.run(parameters).changes));
  }

  /**
   * Runs `work` in a transaction that is on the disk when this returns. When `work` or the commit
   * throws, nothing of it remains.
   */
  transaction<T>(work: () => T): T {
    this.#control("BEGIN IMMEDIATE", () => this.#begin.run());
    try {
      const result = work();
      this.#control("COMMIT", () => this.#commit.run());
      return result;
    } catch (error) {
      // A full or failing disk makes SQLite roll back by itself.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  /** False within a transaction that a full or failing disk has made SQLite undo. */
  get inTransaction(): boolean {
    return this.#connection.isTransaction;
  }

  /** Within a transaction: runs `work`, and undoes it alone when it throws. */
  part<T>(work: () => T): T {
    this.#connection.exec("SAVEPOINT part");
    try {
      return work();
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK TO part");
      throw error;
    } finally {
      if (this.#connection.isTransaction) this.#connection.exec("RELEASE part");
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  #take(step: Step): readonly Row[] {
    if ("lock" in step) return []; // transactions wait in line
    const { query } = step;
    if ("each" in step) {
      for (const parameters of step.each) this.run(query, parameters);
      return [];
    }
    return this.#execute(query, (statement) => statement.all(step.parameters));
  }

  #execute<T>(name: QueryName, execute: (statement: StatementSync) => T): T {
    const statement = this.#statements.get(name);
    if (!statement) throw new TypeError(`There is no query ${name}.`);
    return this.#control(name, () => execute(statement));
  }

  #control<T>(name: string, execute: () => T): T {
    this.#failpoint?.(name);
    try {
      return execute();
    } catch (error) {
      throw describeSqliteError(this.path, error);
    }
  }
}
