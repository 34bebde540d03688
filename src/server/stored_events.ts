import type { JobEvent } from "../jobs/job_event.ts";
import type { Store } from "../jobs/store.ts";
import type { LossHistory } from "../protocol/generated/tinct/v1/loss_history.ts";
import { LossDigest } from "./loss_digest.ts";

/** How many events are read from the store at a time. */
const READ_AT_ONCE = 5000;

/** How many jobs' digests are kept for the next who opens them. */
const KEPT_JOBS = 16;

/** What was read of a job; it grows with the job. */
interface ReadEvents {
  readonly digest: LossDigest;
  lossesSequence: number;
  readonly others: JobEvent[];
  heartbeat: JobEvent | undefined;
  lastSequence: number;
}

/** What a job's stored events come to for a watcher who wants few. */
interface FewEvents {
  /** Undefined: there were no losses. */
  readonly history: LossHistory | undefined;
  /** The number of the newest losses event. */
  readonly lossesSequence: number;
  /** In order: all but losses, and of the heartbeats the newest. */
  readonly others: readonly JobEvent[];
  /** The number of the newest event. */
  readonly lastSequence: number;
}

/** The stored events of jobs, read once for all who open them. */
export class StoredEventsReader {
  readonly #store: Store;
  readonly #kept = new Map<string, { events: ReadEvents; reading: Promise<unknown> }>();

  /** @param store is used, not owned. */
  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The events of a job up to its newest.
   *
   * @param fromSequence the first; 1 (or 0) for all.
   * @param maxPoints see `LossDigest.history`.
   * @throws the signal's reason; what the store throws.
   */
  async read(
    jobId: string,
    fromSequence: number,
    maxPoints: number,
    signal: AbortSignal,
  ): Promise<FewEvents> {
    const { lastSequence } = await this.#store.jobs.get(jobId);
    if (fromSequence > 1) {
      const events = emptyEvents(fromSequence - 1);
      await this.#readOn(jobId, events, lastSequence, signal);
      return fewOf(events, maxPoints);
    }
    const kept = this.#kept.get(jobId) ?? { events: emptyEvents(0), reading: Promise.resolve() };
    this.#kept.delete(jobId);
    this.#kept.set(jobId, kept); // the newest last
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size > KEPT_JOBS) this.#kept.delete(oldest);
    }
    // One after the other; one that fails or is given up leaves what it has read to the next.
    const reading = kept.reading.catch(() => {}).then(async () => {
      await this.#readOn(jobId, kept.events, lastSequence, signal);
      return fewOf(kept.events, maxPoints);
    });
    kept.reading = reading;
    return await reading;
  }

  async #readOn(
    jobId: string,
    events: ReadEvents,
    toSequence: number,
    signal: AbortSignal,
  ): Promise<void> {
    const read = (from: number) => this.#store.events.read(jobId, from, READ_AT_ONCE);
    let next: Promise<readonly JobEvent[]> | undefined;
    while (events.lastSequence < toSequence) {
      const block = await (next ?? read(events.lastSequence + 1));
      const last = block.at(-1)?.sequence ?? toSequence;
      // The store reads the next block while this one is taken.
      next = last < toSequence && !signal.aborted ? read(last + 1) : undefined;
      next?.catch(() => {}); // awaited in the next round, or not needed
      for (const event of block) take(events, event);
      if (block.length === 0) return;
      signal.throwIfAborted();
    }
  }
}

function fewOf({ digest, others, heartbeat, ...rest }: ReadEvents, maxPoints: number): FewEvents {
  const all = heartbeat ? [...others, heartbeat] : others;
  return {
    history: digest.history(maxPoints),
    lossesSequence: rest.lossesSequence,
    others: all.toSorted((a, b) => a.sequence - b.sequence),
    lastSequence: rest.lastSequence,
  };
}

function take(events: ReadEvents, event: JobEvent): void {
  events.lastSequence = event.sequence;
  if (event.kind === "losses") {
    events.digest.add(event);
    events.lossesSequence = event.sequence;
  } else if (event.kind === "heartbeat") events.heartbeat = event;
  else events.others.push(event);
}

function emptyEvents(lastSequence: number): ReadEvents {
  return {
    digest: new LossDigest(),
    lossesSequence: 0,
    others: [],
    heartbeat: undefined,
    lastSequence,
  };
}
