import type { Database } from "./database.ts";
import { number } from "../operations/row.ts";

/** How many events are removed at a time: some 5 ms of work, between which other calls have room. */
const atOnce = 2000;

/**
 * Removes the rows of deleted jobs in the background. A job is gone for everyone once it is marked
 * as deleted; its events, which may be millions, would hold up all others if they went at once.
 */
export class RowRemoval {
  readonly #database: Database;
  #next: ReturnType<typeof setImmediate> | undefined;

  /** @param database is used, not owned: stop before it is disposed of. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Begins, unless it is at work, and goes on until nothing is left to remove. */
  start(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      if (this.#remove()) this.start();
    });
  }

  #remove(): boolean {
    try {
      return removeSome(this.#database);
    } catch {
      // A full disk or a locked database: the next writer is told, and the next start tries again.
      return false;
    }
  }

  /** Stops; what is left is removed after the next start. */
  stop(): void {
    if (this.#next) clearImmediate(this.#next);
    this.#next = undefined;
  }
}

/**
 * Removes some rows of a deleted job, durably.
 *
 * @returns whether there may be more.
 */
export function removeSome(database: Database): boolean {
  return database.transaction(() => {
    const row = database.get("select_deleted_job");
    if (!row) return false;
    const job = number(row, "number");
    const removed = database.run("delete_first_events", { job, count: atOnce });
    if (removed === 0) database.run("delete_job", { number: job });
    return true;
  });
}
