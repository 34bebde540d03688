import type { Dataset, DatasetCounts, DatasetLimits } from "./dataset.ts";
import type { ClientRequest, Job, JobHolder, NewJob, TriggerDetails } from "./job.ts";
import type { Checkpoint, EventKind, EventOf, JobEvent, NewEvent } from "./job_event.ts";
import type { JobState, JobTrigger } from "./job_state.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { ModelVersion, NewModelVersion } from "./model.ts";
import type { NewSweep, Sweep, SweepRun, SweepState } from "./sweep.ts";

/**
 * Everything the server must not forget. Its opener disposes of it; disposing twice is
 * fine, and calls that are under way are finished first.
 *
 * A call that changes something returns after the change is on the disk, and changes all or
 * nothing. Every call may throw a TinctError: resource_exhausted when the disk is full, data_loss
 * when it fails or the database is damaged, unavailable when another process holds the database for
 * too long or the store is closed.
 */
export interface Store extends AsyncDisposable {
  readonly jobs: JobStore;
  readonly events: EventStore;
  readonly models: ModelStore;
  readonly datasets: DatasetStore;
  readonly sweeps: SweepStore;
  readonly values: ValueStore;
  readonly leases: LeaseStore;
  /** Who works with this store: a name that no other has who works with the same one. */
  readonly owner: string;
  /** Whether other servers may work with the same store. */
  readonly isShared: boolean;
  /**
   * Calls `listener` after every change of this store that appended events to a job, in the order
   * of the changes and before the promise of the call that made it settles. It must not throw.
   */
  onAppended(listener: (appended: Appended) => void): Disposable;
  /** Has `onAppended` also tell, within a second, of what other servers append to a job. */
  follow(jobId: string): Disposable;
}

/** Tells that a job has got events. */
export interface Appended {
  readonly jobId: string;
  /** The sequence number of its newest event. */
  readonly lastSequence: number;
  /** Another server did it. */
  readonly isElsewhere?: boolean;
}

/** A part of a list. */
export interface Page {
  /** From 1 to 1000; 50 by default. */
  readonly pageSize?: number;
  /** `nextPageToken` of the page before; "" for the first. Fits only the list it came from. */
  readonly pageToken?: string;
}

/** Which jobs a list shows. */
export interface JobFilter {
  /** Jobs in any of these states; all by default. */
  readonly states?: readonly JobState[];
  /** Jobs that have all of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The jobs and their states. */
export interface JobStore {
  /**
   * Submits a job: QUEUED, behind all others.
   *
   * @param limits `maxQueued`: how many jobs may wait, this one included.
   * @returns the job, and false for `created` where the request's id was answered before.
   * @throws {TinctError} already_exists (the request's id came with another request, or the job's
   *   id is taken), not_found (the job that it begins with), resource_exhausted (the queue is full),
   *   invalid_argument.
   */
  create(
    job: NewJob,
    limits?: { readonly maxQueued?: number },
  ): Promise<{ readonly job: Job; readonly created: boolean }>;
  /** @throws {TinctError} not_found. */
  get(jobId: string): Promise<Job>;
  /**
   * The job that a request made before; undefined where it made none.
   *
   * @throws {TinctError} already_exists: the request's id came with another request.
   */
  findRequested(request: ClientRequest): Promise<Job | undefined>;
  /**
   * Jobs, the newest first. Jobs that are submitted meanwhile do not move later pages.
   *
   * @returns `nextPageToken`: "" after the last page.
   * @throws {TinctError} invalid_argument for a token of another list.
   */
  list(
    filter?: JobFilter,
    page?: Page,
  ): Promise<{ readonly jobs: readonly Job[]; readonly nextPageToken: string }>;
  /**
   * Moves a job along an arrow of `jobTransitions` and appends the event that says so, in one
   * transaction. A wish that is granted already changes nothing.
   *
   * @returns the job as it is now.
   * @throws {TinctError} not_found; failed_precondition when the state does not allow it or the
   *   attempt or epoch is another; resource_exhausted when the queue is full.
   */
  trigger(
    jobId: string,
    trigger: Exclude<JobTrigger, "submitted" | "started">,
    details?: TriggerDetails,
  ): Promise<Job>;
  /**
   * Starts the job that has waited longest: RUNNING, with the slot of this owner and its next
   * attempt.
   *
   * @returns undefined when no job waits.
   * @throws {TinctError} failed_precondition when another job holds the slot.
   */
  claim(slot: string): Promise<Job | undefined>;
  /**
   * Pulls `server_stopped` on every job that holds a slot of this owner, or of one whose lease is
   * over: what a dead server left. Jobs that ran are QUEUED again, ahead of those that came after
   * them.
   *
   * @param options `own`: false for a server whose own jobs run. `lapsed`: false leaves alone what is
   *   another's. Both are true by default.
   * @returns the jobs it moved.
   */
  recover(options?: { readonly own?: boolean; readonly lapsed?: boolean }): Promise<readonly Job[]>;
  /**
   * Refuses a job that `delete` would refuse.
   *
   * @throws as `delete`.
   */
  requireDeletable(jobId: string): Promise<void>;
  /**
   * Deletes a job that is over, with its events and the record of its checkpoints; removing their
   * files is the caller's.
   *
   * @throws {TinctError} not_found; failed_precondition when it is not over, or when a job that is not
   *   over begins with a checkpoint of it and has none of its own yet.
   */
  delete(jobId: string): Promise<void>;
}

/** What happened to the jobs. */
export interface EventStore {
  /**
   * Appends events to a job, all or none, but for those that it has had (see `NewEvent.number`).
   *
   * @param holder refuses the events unless the job is at this attempt and epoch.
   * @returns the sequence number of the job's last event.
   * @throws {TinctError} not_found; failed_precondition when the job is over or at another
   *   attempt or epoch; invalid_argument when a payload is too large.
   */
  append(jobId: string, events: readonly NewEvent[], holder?: JobHolder): Promise<number>;
  /**
   * Events of a job in order, from a sequence number on (1 is the first).
   *
   * @param limit at most so many, from 1 to 10,000.
   * @throws {TinctError} not_found when there is no such job.
   */
  read(jobId: string, fromSequence: number, limit: number): Promise<readonly JobEvent[]>;
  /**
   * The newest event of a kind; undefined where there is none.
   *
   * @param toSequence only events up to this one.
   * @throws {TinctError} not_found when there is no such job.
   */
  newest<Kind extends EventKind>(
    jobId: string,
    kind: Kind,
    toSequence?: number,
  ): Promise<EventOf<Kind> | undefined>;
  /** The recorded checkpoints of a job, by step, the newest last. @throws {TinctError} not_found. */
  checkpoints(jobId: string): Promise<readonly Checkpoint[]>;
  /**
   * Strikes checkpoints off the record whose files are gone; unknown steps are ignored.
   *
   * @throws {TinctError} not_found; failed_precondition when the job is at another attempt or epoch.
   */
  forgetCheckpoints(jobId: string, steps: readonly number[], holder?: JobHolder): Promise<void>;
}

/** The promoted models. */
export interface ModelStore {
  /**
   * Adds the next version of a name. Promoting once more what is the newest version already (the
   * same job, step and path) gives that version.
   *
   * @throws {TinctError} invalid_argument for what is no name.
   */
  promote(
    model: NewModelVersion,
  ): Promise<{ readonly model: ModelVersion; readonly created: boolean }>;
  /** A version, the newest by default. @throws {TinctError} not_found. */
  get(name: string, version?: number): Promise<ModelVersion>;
  /** The versions that lie at a path, relative to the data folder, the newest first. */
  at(path: string): Promise<readonly ModelVersion[]>;
  /** The newest version of every name, by name. */
  list(
    page?: Page,
  ): Promise<{ readonly models: readonly ModelVersion[]; readonly nextPageToken: string }>;
  /**
   * Deletes all versions of a name. The next promotion of the name goes on counting.
   *
   * @returns what is deleted; removing the files is the caller's.
   * @throws {TinctError} not_found.
   */
  delete(name: string): Promise<readonly ModelVersion[]>;
}

/** The uploaded datasets. */
export interface DatasetStore {
  /**
   * Begins an upload, or goes on with one.
   *
   * @param options `client`: who begins it; "" by default. `limits`: how many datasets there may be,
   *   this one included, if it is new.
   * @throws {TinctError} already_exists when the dataset is READY; resource_exhausted where there are
   *   too many; invalid_argument for what is no name.
   */
  begin(
    name: string,
    options?: { readonly client?: string; readonly limits?: DatasetLimits },
  ): Promise<Dataset>;
  /**
   * Completes an upload: READY.
   *
   * @throws {TinctError} not_found; failed_precondition when it is READY already.
   */
  finish(name: string, counts: DatasetCounts, report: JsonObject): Promise<Dataset>;
  /** @throws {TinctError} not_found. */
  get(name: string): Promise<Dataset>;
  /** All datasets, by name, without their reports. */
  list(
    page?: Page,
  ): Promise<{ readonly datasets: readonly Dataset[]; readonly nextPageToken: string }>;
  /** Forgets a dataset; removing its files is the caller's. @throws {TinctError} not_found. */
  delete(name: string): Promise<void>;
}

/** The sweeps and the jobs that they are made of. */
export interface SweepStore {
  /**
   * Begins a sweep: RUNNING, without runs.
   *
   * @returns the sweep, and false for `created` where the request's id was answered before.
   * @throws {TinctError} already_exists (the request's id came with another request, or the sweep's
   *   id is taken).
   */
  create(sweep: NewSweep): Promise<{ readonly sweep: Sweep; readonly created: boolean }>;
  /** @throws {TinctError} not_found. */
  get(sweepId: string): Promise<Sweep>;
  /** Sweeps, the newest first, each with its runs. */
  list(
    page?: Page,
  ): Promise<{ readonly sweeps: readonly Sweep[]; readonly nextPageToken: string }>;
  /** Sweeps that are RUNNING or have runs whose ends are not recorded, the newest first. */
  unfinished(): Promise<readonly Sweep[]>;
  /**
   * Records a job that was begun for a trial; recording it twice is the same as once.
   *
   * @throws {TinctError} not_found; failed_precondition when the sweep is over.
   */
  addRun(sweepId: string, run: Pick<SweepRun, "trial" | "rung" | "jobId">): Promise<Sweep>;
  /** Records how a run ended. @throws {TinctError} not_found. */
  endRun(
    sweepId: string,
    jobId: string,
    ending: Pick<SweepRun, "outcome" | "value" | "step">,
  ): Promise<Sweep>;
  /**
   * Ends a sweep; to the state that it has already changes nothing.
   *
   * @throws {TinctError} not_found; failed_precondition when it has ended otherwise.
   */
  end(sweepId: string, state: Exclude<SweepState, "RUNNING">, message?: string): Promise<Sweep>;
  /** Forgets a sweep. @throws {TinctError} not_found; failed_precondition when it is RUNNING. */
  delete(sweepId: string): Promise<void>;
}

/** Small facts about the server, such as who holds the data folder. */
export interface ValueStore {
  /** The value of a key, or undefined. */
  get(key: string): Promise<JsonValue | undefined>;
  /** Sets a key; undefined removes it. */
  set(key: string, value: JsonValue | undefined): Promise<void>;
}

/** What of a server's lease belongs to it. */
export interface HeldJob {
  readonly jobId: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly epoch: number;
}

/**
 * Leases: what one server at a time may do, until a time by the store's clock. One that lets its
 * lease run out loses it only when another takes it.
 */
export interface LeaseStore {
  /**
   * Takes a lease for this owner, or renews it.
   *
   * @param name such as "sweep/ID".
   * @returns how often the lease has changed hands; undefined where another holds it.
   */
  hold(name: string, durationMs: number): Promise<number | undefined>;
  /** Gives a lease back; one of another is left alone. */
  release(name: string): Promise<void>;
  /** Gives back all leases of servers that are known to be dead. */
  endAll(holders: readonly string[]): Promise<void>;
  /** The leases that are held, by whomever, whose names begin with this. */
  held(prefix: string): Promise<readonly { readonly name: string; readonly holder: string }[]>;
  /**
   * Renews the lease of this server, "server/OWNER", which covers all jobs that hold its slots.
   *
   * @returns those jobs; one that is missing was taken over by another server.
   */
  renewOwn(durationMs: number): Promise<readonly HeldJob[]>;
}
