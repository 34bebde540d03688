import type { Job } from "../jobs/job.ts";
import type { NewEvent } from "../jobs/job_event.ts";
import type { EventStore } from "../jobs/store.ts";
import { isStoreAway } from "../jobs/store_away.ts";

/** The most events that wait before their source has to wait, too. */
const MAX_WAITING = 512;

/** How long to wait before a store is asked again that was away: milliseconds. */
const RETRY_MS = 500;

/**
 * Brings a worker's events into the store. What comes while an earlier batch is being written makes
 * up the next one: a single event is there at once, and many cost few transactions.
 */
export class EventWriter {
  readonly #store: EventStore;
  readonly #jobId: string;
  readonly #holder: Pick<Job, "attempt" | "epoch">;
  /** Of the last event that was added. */
  #number = 0;
  #waiting: NewEvent[] = [];
  #deletedSteps: number[] = [];
  #writing: Promise<void> | undefined;
  #isAbandoned = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param job the events are refused once it is at another attempt or epoch. */
  constructor(store: EventStore, { id, attempt, epoch }: Job) {
    this.#store = store;
    this.#jobId = id;
    this.#holder = { attempt, epoch };
  }

  /**
   * Adds an event, without waiting for the disk unless many wait already.
   *
   * @param deletedSteps checkpoints that are gone with it.
   * @throws what the store threw at this event or an earlier one.
   */
  async add(event: NewEvent, deletedSteps: readonly number[] = []): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    this.#waiting.push({ ...event, number: ++this.#number });
    this.#deletedSteps.push(...deletedSteps);
    this.#writing ??= this.#write();
    if (this.#waiting.length >= MAX_WAITING) await this.flush();
  }

  /** Waits until all is on the disk. @throws what the store threw. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  /** Has what is not written yet fail where the store is away, instead of waiting for it. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const events = this.#waiting.splice(0);
        const deletedSteps = this.#deletedSteps.splice(0);
        await this.#patiently(() => this.#store.append(this.#jobId, events, this.#holder));
        if (deletedSteps.length > 0) {
          await this.#patiently(() =>
            this.#store.forgetCheckpoints(this.#jobId, deletedSteps, this.#holder)
          );
        }
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = undefined;
    }
  }

  /** The same again while the store is away: by their numbers events are there once. */
  async #patiently(write: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        if (!isStoreAway(error) || this.#isAbandoned) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
