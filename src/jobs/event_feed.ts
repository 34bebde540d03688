import { TinctError } from "../errors.ts";
import { type EventKind, isFinal, type JobEvent } from "./job_event.ts";
import { isTerminal } from "./job_state.ts";
import { JobTail, readAtOnce } from "./job_tail.ts";
import type { Store } from "./store.ts";
import { type BacklogLimits, thinBacklog, type ThinnedBacklog } from "./thin_backlog.ts";

/** What a watcher wants. */
interface WatchOptions {
  /** Ends the watching; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** The kinds of events to give; all by default. The last event ends the watching in any case. */
  readonly kinds?: readonly EventKind[] | undefined;
  /**
   * Thins out what happens from now on whenever the watcher falls behind it. What happened before
   * the watching began is always given whole. By default nothing is left out.
   */
  readonly limits?: BacklogLimits | undefined;
}

/** A job that is watched. */
interface Watched {
  readonly tail: JobTail;
  watchers: number;
  /** Has the store tell of what other servers append. */
  readonly following: Disposable;
}

/**
 * The events of jobs as they happen, for any number of watchers. Nothing is queued for a watcher:
 * it is woken, and takes what it lacks from the store or from the newest events, which all watchers
 * of a job share. So a slow watcher costs no memory and slows no one.
 */
export class EventFeed implements Disposable {
  readonly #store: Store;
  readonly #recentEvents: number;
  readonly #tails = new Map<string, Watched>();
  readonly #subscription: Disposable;

  /**
   * @param store is used, not owned; must outlive the feed.
   * @param options `recentEvents`: how many events of a job, while it is watched, are kept in
   *   memory (up to twice as many for moments).
   */
  constructor(store: Store, { recentEvents = 512 }: { recentEvents?: number } = {}) {
    if (!Number.isInteger(recentEvents) || recentEvents < 1) {
      throw new RangeError(`recentEvents must be a whole number from 1 on, not ${recentEvents}.`);
    }
    this.#store = store;
    this.#recentEvents = recentEvents;
    this.#subscription = store.onAppended(({ jobId, lastSequence }) => {
      this.#tails.get(jobId)?.tail.noteAppended(lastSequence);
    });
  }

  /**
   * The events of a job from a sequence number on, first those of the past and then, without gap
   * or duplicate, each as it happens, until the job is over.
   *
   * To stop in the middle of waiting, abort the signal.
   *
   * @param fromSequence 1 (or 0) for all; at most one past the newest event.
   * @returns a few events at a time, never none of both events and notice.
   * @throws {TinctError} not_found; invalid_argument for a sequence number that lies in the future;
   *   what the store throws.
   */
  async *watch(
    jobId: string,
    fromSequence: number,
    { signal, kinds, limits }: WatchOptions = {},
  ): AsyncGenerator<ThinnedBacklog, void, void> {
    signal?.throwIfAborted();
    const tail = this.#enter(jobId);
    try {
      const { lastSequence, state } = await this.#store.jobs.get(jobId);
      tail.begin(lastSequence);
      requireSequence(jobId, fromSequence, lastSequence);
      let next = Math.max(1, fromSequence);
      let over = isTerminal(state) && next > lastSequence;
      while (!over) {
        await tail.waitBeyond(next - 1, signal);
        const isPast = next <= lastSequence;
        const limit = isPast ? Math.min(readAtOnce, lastSequence - next + 1) : readAtOnce;
        const events = tail.eventsFrom(next, limit) ??
          await this.#store.events.read(jobId, next, limit);
        const last = lastOf(jobId, events);
        next = last.sequence + 1;
        over = isFinal(last);
        const wanted = kinds ? events.filter(({ kind }) => kinds.includes(kind)) : events;
        if (wanted.length === 0) continue;
        yield limits && !isPast
          ? thinBacklog(wanted, tail.newest - last.sequence, limits)
          : { events: wanted, notice: undefined };
      }
    } finally {
      this.#leave(tail);
    }
  }

  /** Ends all watching: watchers get `unavailable`. */
  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    for (const { tail, following } of this.#tails.values()) {
      following[Symbol.dispose]();
      tail.fail(new TinctError("unavailable", "The server stops; watch again when it is back."));
    }
    this.#tails.clear();
  }

  #enter(jobId: string): JobTail {
    let entry = this.#tails.get(jobId);
    if (!entry || entry.tail.failed) {
      entry?.following[Symbol.dispose]();
      const tail = new JobTail(this.#store.events, jobId, this.#recentEvents);
      entry = { tail, watchers: 0, following: this.#store.follow(jobId) };
      this.#tails.set(jobId, entry);
    }
    entry.watchers++;
    return entry.tail;
  }

  #leave(tail: JobTail): void {
    const entry = this.#tails.get(tail.jobId);
    if (entry?.tail !== tail) return;
    entry.watchers--;
    if (entry.watchers > 0) return;
    entry.following[Symbol.dispose]();
    this.#tails.delete(tail.jobId);
  }
}

function requireSequence(jobId: string, fromSequence: number, lastSequence: number): void {
  if (Number.isInteger(fromSequence) && fromSequence >= 0 && fromSequence <= lastSequence + 1) {
    return;
  }
  const description = `must be from 1 to ${lastSequence + 1}, one past the newest event`;
  throw new TinctError(
    "invalid_argument",
    `The sequence to begin at ${description}, not ${fromSequence}, for job ${jobId}.`,
    { violations: [{ field: "fromSequence", description }] },
  );
}

function lastOf(jobId: string, events: readonly JobEvent[]): JobEvent {
  const last = events.at(-1);
  if (last) return last;
  throw new TinctError("not_found", `The events of job ${jobId} are gone: it was deleted.`);
}
