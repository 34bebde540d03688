import type { Work } from "../operations/operation.ts";
import { all, first } from "../operations/operation.ts";
import { number } from "../operations/row.ts";
import type { Connections } from "./connections.ts";

/** How many events are removed at a time, in a transaction of their own. */
const atOnce = 2000;

/**
 * Removes the rows of deleted jobs in the background, as SQLite's driver does. Any server may: one that
 * finds another at it leaves it to that one.
 */
export class RowRemoval implements AsyncDisposable {
  readonly #connections: Connections;
  #work: Promise<void> | undefined;
  #isAsked = false;
  #isOver = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Begins, unless it is at work, and goes on until nothing is left to remove. */
  start(): void {
    this.#isAsked = true;
    this.#work ??= this.#removeAll();
  }

  /** Stops; what is left is removed after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #removeAll(): Promise<void> {
    try {
      while (this.#isAsked && !this.#isOver) {
        this.#isAsked = false;
        if (await this.#connections.perform(removeSome, { isRead: false })) this.#isAsked = true;
      }
    } catch {
      // Away: the next deletion or start tries again.
    }
    this.#work = undefined; // in the same moment as the look at #isAsked, so that nothing is missed
  }
}

function* removeSome(): Work<boolean> {
  const row = yield* first("select_deleted_job");
  if (!row) return false;
  const job = number(row, "number");
  const removed = yield* all("delete_first_events", { job, count: atOnce });
  if (removed.length === 0) yield* all("delete_job", { number: job });
  return true;
}
