import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import type { JobEvent } from "./job_event.ts";
import type { EventStore } from "./store.ts";

/** How many events are read from the store at a time. */
export const readAtOnce = 256;

/**
 * The newest events of one job, read once from the store for all who watch it. Holds a bounded
 * number of them; a watcher that is further behind reads from the store itself.
 */
export class JobTail {
  readonly jobId: string;
  readonly #store: EventStore;
  readonly #maxEvents: number;
  readonly #waiting = new Set<Waiting>();
  /** In order, without gaps, up to `newest`. */
  #events: JobEvent[] = [];
  /** The last sequence number whose event was read, or existed at the start. */
  #newest: number | undefined;
  /** The last sequence number that is known to exist. */
  #known = 0;
  #reading = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(store: EventStore, jobId: string, maxEvents: number) {
    this.#store = store;
    this.jobId = jobId;
    this.#maxEvents = maxEvents;
  }

  /** Begins after the events that exist by now, unless it has begun. */
  begin(lastSequence: number): void {
    this.#newest ??= lastSequence;
    this.noteAppended(lastSequence);
  }

  /** The sequence number up to which events can be had. */
  get newest(): number {
    return this.#newest ?? 0;
  }

  /** Why it can go on no longer; watching on takes a new one. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Learns that the job has events up to this one, and reads them. */
  noteAppended(lastSequence: number): void {
    this.#known = Math.max(this.#known, lastSequence);
    // Not awaited: whatever goes wrong in it goes to those who wait.
    if (this.#newest !== undefined && !this.#reading) void this.#catchUp();
  }

  /**
   * Events from a sequence number on, at most `limit`.
   *
   * @returns undefined when the first of them is held no longer, or not yet.
   */
  eventsFrom(sequence: number, limit: number): readonly JobEvent[] | undefined {
    const first = this.#events[0]?.sequence;
    if (first === undefined || sequence < first || sequence > this.newest) return undefined;
    return this.#events.slice(sequence - first, sequence - first + limit);
  }

  /**
   * Waits until there is an event after `sequence`.
   *
   * @throws the signal's reason; what the store threw.
   */
  waitBeyond(sequence: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.newest > sequence) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiting.delete(waiting);
        listening[Symbol.dispose]();
        end();
      };
      const waiting: Waiting = {
        sequence,
        wake: () => settle(resolve),
        fail: (error) => settle(() => reject(error)),
      };
      this.#waiting.add(waiting);
      const listening = onAbort(signal, waiting.fail);
    });
  }

  /** Ends all waiting. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiting of [...this.#waiting]) waiting.fail(error);
  }

  async #catchUp(): Promise<void> {
    this.#reading = true;
    try {
      while (this.newest < this.#known && !this.#failure) {
        this.#take(await this.#store.read(this.jobId, this.newest + 1, readAtOnce));
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#reading = false;
    }
  }

  #take(events: readonly JobEvent[]): void {
    const last = events.at(-1);
    if (!last || events[0]?.sequence !== this.newest + 1) {
      const missing = `Event ${this.newest + 1} of job ${this.jobId}`;
      throw new TinctError("data_loss", `${missing} is missing; restore the database.`);
    }
    this.#events.push(...events);
    // Cut when twice the bound is reached, so that the copying is rare.
    if (this.#events.length > 2 * this.#maxEvents) {
      this.#events = this.#events.slice(-this.#maxEvents);
    }
    this.#newest = last.sequence;
    for (const waiting of [...this.#waiting]) {
      if (waiting.sequence < last.sequence) waiting.wake();
    }
  }
}

/** Someone who waits for the next event. */
interface Waiting {
  readonly sequence: number;
  readonly wake: () => void;
  readonly fail: (error: unknown) => void;
}
