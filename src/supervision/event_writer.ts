import type { NewEvent } from "../jobs/job_event.ts";
import type { EventStore } from "../jobs/store.ts";

/** The most events that wait before their source has to wait, too. */
const MAX_WAITING = 512;

/**
 * Brings a worker's events into the store. What comes while an earlier batch is being written makes
 * up the next one: a single event is there at once, and many cost few transactions.
 */
export class EventWriter {
  readonly #store: EventStore;
  readonly #jobId: string;
  readonly #attempt: number;
  #waiting: NewEvent[] = [];
  #deletedSteps: number[] = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param attempt the events are refused once the job is at another. */
  constructor(store: EventStore, jobId: string, attempt: number) {
    this.#store = store;
    this.#jobId = jobId;
    this.#attempt = attempt;
  }

  /**
   * Adds an event, without waiting for the disk unless many wait already.
   *
   * @param deletedSteps checkpoints that are gone with it.
   * @throws what the store threw at this event or an earlier one.
   */
  async add(event: NewEvent, deletedSteps: readonly number[] = []): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    this.#waiting.push(event);
    this.#deletedSteps.push(...deletedSteps);
    this.#writing ??= this.#write();
    if (this.#waiting.length >= MAX_WAITING) await this.flush();
  }

  /** Waits until all is on the disk. @throws what the store threw. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const events = this.#waiting.splice(0);
        const deletedSteps = this.#deletedSteps.splice(0);
        await this.#store.append(this.#jobId, events, { attempt: this.#attempt });
        if (deletedSteps.length > 0) {
          await this.#store.forgetCheckpoints(this.#jobId, deletedSteps);
        }
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = undefined;
    }
  }
}
