import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { messageOf, TinctError } from "../../errors.ts";
import type { Appended, Store } from "../../jobs/store.ts";
import { operations, type StorePart } from "../operations/all_operations.ts";
import { unpackError } from "./sent_error.ts";
import type { Answer, StoreCall, ThreadReply, ThreadStart } from "./thread_messages.ts";

/** How a store is opened. */
interface SqliteStoreOptions {
  /** How long a call waits for another process, in milliseconds; 5000 by default. */
  readonly busyTimeoutMs?: number;
  /** The clock, in milliseconds since 1970; the system's by default. */
  readonly now?: () => number;
  /** See `Store.owner`; that of a data folder's one server by default. */
  readonly owner?: string;
}

/** The one server of a data folder, whose lock keeps every other out: what it left is its own. */
const onlyServer = "local";

/**
 * Opens the store in a SQLite file, creates it where there is none, and brings it to the newest
 * version. The database is worked with in a thread of its own, so that no call blocks the caller.
 *
 * @param path a file on a local disk; its folder must exist. Beside it lie `-wal` and `-shm`.
 * @returns the store, which the caller disposes of.
 * @throws {TinctError} failed_precondition (no such folder, a database of a newer version or of
 *   another program), permission_denied, data_loss (damaged), resource_exhausted (disk full).
 */
export async function openSqliteStore(
  path: string,
  { busyTimeoutMs = 5000, now = Date.now, owner = onlyServer }: SqliteStoreOptions = {},
): Promise<Store> {
  if (!Number.isInteger(busyTimeoutMs) || busyTimeoutMs < 0) {
    throw new RangeError(`busyTimeoutMs must be a whole number from 0 on, not ${busyTimeoutMs}.`);
  }
  const thread = new StoreThread(path, { busyTimeoutMs, now, owner });
  try {
    await thread.opened;
  } catch (error) {
    await thread.close();
    throw error;
  }
  return {
    jobs: thread.methodsOf("jobs"),
    events: thread.methodsOf("events"),
    models: thread.methodsOf("models"),
    datasets: thread.methodsOf("datasets"),
    sweeps: thread.methodsOf("sweeps"),
    values: thread.methodsOf("values"),
    leases: thread.methodsOf("leases"),
    owner,
    isShared: false,
    follow: () => ({ [Symbol.dispose]() {} }), // whatever changes, changes here
    onAppended: (listener) => thread.onAppended(listener),
    [Symbol.asyncDispose]: () => thread.close(),
  };
}

/** A promise with its ends. */
interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The caller's side of the thread that owns the database. */
class StoreThread {
  /** Settles when the database is open, or was refused. */
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #now: () => number;
  readonly #owner: string;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(appended: Appended) => void>();
  readonly #opening = Promise.withResolvers<unknown>();
  readonly #closing = Promise.withResolvers<void>();
  #closed: Promise<void> | undefined;
  #failure: TinctError | undefined;
  #lastId = 0;

  constructor(path: string, { busyTimeoutMs, now, owner }: Required<SqliteStoreOptions>) {
    this.#now = now;
    this.#owner = owner;
    this.opened = this.#opening.promise;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: ThreadStart = { path, busyTimeoutMs, port: port2 };
    this.#worker = new Worker(new URL("./store_thread.ts", import.meta.url), {
      workerData,
      transferList: [port2],
    });
    // Not `on`: Deno then looks through every value for ports, longer than the reading itself takes.
    this.#port.addEventListener("message", ({ data }) => this.#receive(data));
    this.#port.start();
    this.#worker.on("error", (error: unknown) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail("it has ended"));
  }

  /** The methods of a part of the store; each asks the thread. */
  methodsOf<Part extends StorePart>(part: Part): Store[Part] {
    const methods = Object.keys(operations[part]).map((method) => {
      return [method, (...args: unknown[]) => this.#call(part, method, args)];
    });
    // `operations` has, by its type, the part's methods and no others.
    return Object.fromEntries(methods) as Store[Part];
  }

  onAppended(listener: (appended: Appended) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (!this.#failure) {
      this.#port.postMessage("close");
      await this.#closing.promise;
    }
    this.#failure ??= new TinctError("unavailable", "The job store is closed.");
    this.#port.close();
    await this.#worker.terminate();
  }

  #call(part: StorePart, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#closed) {
      return Promise.reject(new TinctError("unavailable", "The job store is being closed."));
    }
    return new Promise((resolve, reject) => {
      const [id, owner, nowMs] = [++this.#lastId, this.#owner, this.#now()];
      const call: StoreCall = { id, part, method, args, owner, nowMs };
      this.#port.postMessage(call); // throws, and so rejects, for what cannot be copied
      this.#pending.set(call.id, { resolve, reject });
    });
  }

  #receive(reply: ThreadReply): void {
    switch (reply.type) {
      case "opened":
        return this.#opening.resolve(undefined);
      case "refused":
        this.#opening.reject(unpackError(reply.error));
        this.#failure = new TinctError("unavailable", "The job store could not be opened.");
        return;
      case "answers":
        // Code that awaits an answer goes on only after this function, and so after the listeners.
        reply.answers.forEach((answer) => this.#settle(answer));
        for (const each of reply.appended) this.#listeners.forEach((listener) => listener(each));
        return;
      case "closed":
        return this.#closing.resolve();
    }
  }

  #settle({ id, value, error }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) pending?.reject(unpackError(error));
    else pending?.resolve(value);
  }

  #fail(error: unknown): void {
    this.#failure ??= new TinctError(
      "unavailable",
      `The thread of the job store died (${messageOf(error)}); restart the server.`,
      { cause: error },
    );
    this.#opening.reject(this.#failure);
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
    this.#closing.resolve();
  }
}
