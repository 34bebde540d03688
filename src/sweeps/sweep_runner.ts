import { setTimeout as pause } from "node:timers/promises";
import { pauseUnlessAborted } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { counted } from "../words.ts";
import type { EventFeed } from "../jobs/event_feed.ts";
import { isTerminal } from "../jobs/job_state.ts";
import type { Store } from "../jobs/store.ts";
import { isStoreAway, withoutStore } from "../jobs/store_away.ts";
import { HeldLease } from "../leases/held_lease.ts";
import { fieldName } from "../protocol/training_options.ts";
import { bestRun, nextRun } from "./halving.ts";
import { trialCount, type TrialValues, trialValues } from "./search.ts";
import { trialOptions } from "./check_spec.ts";
import { measureRun } from "./measure_run.ts";
import type { NewSweep, Sweep, SweepRun } from "../jobs/sweep.ts";

/** The job of a trial that is to be submitted. */
export interface TrialJob {
  readonly dataset: string;
  /** Options by name, as `parseTrainingConfig` takes them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly displayName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The same for the same trial and rung: a repeat gives the same job. */
  readonly requestId: string;
  /** The job that it goes on from, and the step of its checkpoint. */
  readonly resumeFrom: { readonly jobId: string; readonly step: number } | undefined;
}

/** What runs sweeps needs of the rest of the server. */
interface SweepRunnerOptions {
  readonly store: Store;
  readonly feed: EventFeed;
  /** Submits a job; returns its id. */
  readonly submit: (job: TrialJob) => Promise<string>;
  /** Cancels a job, as `Supervisor.cancel`. */
  readonly cancelJob: (jobId: string) => Promise<unknown>;
  /** Whether it goes on with sweeps, true by default; else other servers do that share the store. */
  readonly begins?: boolean;
  /** How many jobs of a sweep that sets no limit wait or run at a time. */
  readonly slots: number;
  /** Where servers share the store: after which time one goes on with the sweeps of a silent one. */
  readonly leaseMs: number;
  /** Told what kept a sweep from going on. */
  readonly onError: (sweepId: string, message: string, cause: unknown) => void;
}

/** How long a sweep waits for room in the queue before it asks again, in milliseconds. */
const RETRY_MS = 2000;
/** After which time a sweep is taken for changed where other servers may change it: milliseconds. */
const LOOK_EVERY_MS = 1000;
/** How many times sweeps that nobody has are looked for while a lease lasts. */
const LOOKS = 4;

/**
 * Begins the jobs of sweeps, and waits for them. What it knows is in the store, so a server that
 * starts goes on where another stopped, however that went. Of several servers that share the store one has
 * a sweep, by a lease; the others look again and again for sweeps that nobody has.
 */
export class SweepRunner implements AsyncDisposable {
  readonly #options: SweepRunnerOptions;
  readonly #stop = new AbortController();
  /** The sweeps that go on; nothing in it rejects. */
  readonly #driven = new Map<string, { readonly cancel: AbortController; done: Promise<void> }>();
  /** What is recorded of sweeps that are over; nothing in it rejects. */
  readonly #settling = new Set<Promise<unknown>>();
  /** Looks for sweeps that nobody has; does not reject. */
  #looking: Promise<void> = Promise.resolve();
  /** The sweeps that are over and whose jobs are waited for, or have ended. */
  readonly #settled = new Set<string>();
  /** What those wait for who watch a sweep; `looking` ends it where no change of this server does. */
  readonly #changes = new Map<
    string,
    PromiseWithResolvers<void> & { readonly looking: ReturnType<typeof setTimeout> | undefined }
  >();

  constructor(options: SweepRunnerOptions) {
    this.#options = options;
  }

  /** Goes on with every sweep that is not over, and that no other server has. */
  async resume(): Promise<void> {
    if (this.#options.begins === false) return;
    await this.#resumeAll();
    if (this.#options.store.isShared) this.#looking = this.#lookAgain();
  }

  async #lookAgain(): Promise<void> {
    const { leaseMs, onError } = this.#options;
    const { signal } = this.#stop;
    while (await pauseUnlessAborted(leaseMs / LOOKS, signal)) {
      try {
        await this.#resumeAll();
      } catch (error) {
        if (!isStoreAway(error)) onError("", "Sweeps could not be looked for.", error);
      }
    }
  }

  async #resumeAll(): Promise<void> {
    for (const sweep of await this.#options.store.sweeps.unfinished()) {
      if (sweep.state === "RUNNING") this.#begin(sweep.id);
      else if (!this.#settled.has(sweep.id)) {
        const settled = this.#settle(sweep).finally(() => this.#settling.delete(settled));
        this.#settling.add(settled);
      }
    }
  }

  /** Begins a sweep, whose spec was checked. @throws as `SweepStore.create`. */
  async create(newSweep: NewSweep): Promise<Sweep> {
    const { sweep } = await this.#options.store.sweeps.create(newSweep);
    if (sweep.state === "RUNNING") this.#begin(sweep.id);
    return sweep;
  }

  /** Ends a sweep and cancels its jobs. @throws as `SweepStore.end`. */
  async cancel(sweepId: string): Promise<Sweep> {
    const { store } = this.#options;
    const sweep = await store.sweeps.end(sweepId, "CANCELLED");
    this.#changed(sweepId);
    const driven = this.#driven.get(sweepId);
    driven?.cancel.abort();
    await driven?.done;
    // What was submitted until now has been recorded.
    const { runs } = await store.sweeps.get(sweepId);
    for (const { jobId, outcome } of runs) if (!outcome) await this.#cancelJob(sweepId, jobId);
    const settled = await this.#settle(await store.sweeps.get(sweepId));
    return settled ?? sweep;
  }

  /**
   * Resolves at the next change of a sweep that this server makes; where servers share the store also after
   * a time, since nobody tells what another one changes.
   */
  nextChange(sweepId: string): Promise<void> {
    let change = this.#changes.get(sweepId);
    if (change === undefined) {
      const looking = this.#options.store.isShared
        ? setTimeout(() => this.#changed(sweepId), LOOK_EVERY_MS)
        : undefined;
      looking?.unref(); // a watch goes on for a while when this has stopped
      change = { ...Promise.withResolvers<void>(), looking };
      this.#changes.set(sweepId, change);
    }
    return change.promise;
  }

  /** Stops beginning jobs; those that were begun are the supervisor's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
    await Promise.all([...this.#driven.values()].map(({ done }) => done));
    await Promise.all(this.#settling);
    for (const { looking } of this.#changes.values()) clearTimeout(looking);
  }

  #begin(sweepId: string): void {
    const { begins = true } = this.#options;
    if (!begins || this.#driven.has(sweepId) || this.#stop.signal.aborted) return;
    const cancel = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, cancel.signal]);
    const done = this.#driveAlone(sweepId, signal).finally(() => this.#driven.delete(sweepId));
    this.#driven.set(sweepId, { cancel, done });
  }

  /** Goes on with a sweep unless another server has it. Never rejects. */
  async #driveAlone(sweepId: string, stop: AbortSignal): Promise<void> {
    const { store, leaseMs, onError } = this.#options;
    let signal = stop;
    try {
      await using lease = await HeldLease.take(store, `sweep/${sweepId}`, { leaseMs });
      if (lease === undefined) return;
      signal = AbortSignal.any([stop, lease.lost]);
      await this.#drive(sweepId, signal).catch((error: unknown) => {
        lease.requireHeld(); // what failed may have failed by what another server did
        throw error;
      });
    } catch (error) {
      if (signal.aborted) return;
      if (store.isShared && error instanceof TinctError && error.code === "unavailable") {
        onError(sweepId, "A sweep waits for the store.", error); // the next look goes on with it
        return;
      }
      await this.#fail(sweepId, error);
    }
  }

  async #drive(sweepId: string, signal: AbortSignal): Promise<void> {
    const { store, slots } = this.#options;
    /** The jobs that are waited for, by id; each promise gives the id when it has been recorded. */
    const waited = new Map<string, Promise<string>>();
    for (;;) {
      signal.throwIfAborted();
      let sweep = await store.sweeps.get(sweepId);
      if (sweep.state !== "RUNNING") return;
      const limit = sweep.spec.maxConcurrentJobs || slots;
      let isFull = false;
      while (sweep.runs.filter(({ outcome }) => !outcome).length < limit && !isFull) {
        const next = nextRun(sweep.spec, trialCount(sweep.spec), sweep.runs);
        if (next === undefined) break;
        const begun = await this.#submit(sweep, next);
        if (begun === undefined) isFull = true;
        else sweep = begun;
        this.#changed(sweepId);
        signal.throwIfAborted();
      }
      for (const run of sweep.runs) {
        if (run.outcome || waited.has(run.jobId)) continue;
        waited.set(run.jobId, handled(this.#awaitRun(sweep, run, signal)));
      }
      if (waited.size === 0 && !isFull) return await this.#finish(sweep);
      const retry = isFull ? [handled(pause(RETRY_MS, "", { signal }))] : [];
      const ended = await Promise.race([...waited.values(), ...retry]);
      waited.delete(ended);
    }
  }

  /** Begins a run. @returns the sweep with it; undefined where the queue or the disk is full. */
  async #submit(
    sweep: Sweep,
    { trial, rung, from }: NonNullable<ReturnType<typeof nextRun>>,
  ): Promise<Sweep | undefined> {
    const { store, submit } = this.#options;
    const values = trialValues(sweep.spec, trial);
    try {
      const jobId = await submit({
        dataset: sweep.spec.dataset,
        options: trialOptions(sweep.spec, values, rung),
        displayName: nameOfTrial(sweep, trial, values),
        labels: { sweep: sweep.id, trial: `${trial}`, rung: `${rung}` },
        requestId: `${sweep.id}/${trial}/${rung}`,
        resumeFrom: from && { jobId: from.jobId, step: from.step ?? 0 },
      });
      return await store.sweeps.addRun(sweep.id, { trial, rung, jobId }).catch(async (error) => {
        // It was cancelled meanwhile, and who did that does not know of this job.
        if (isOverError(error)) await this.#cancelJob(sweep.id, jobId);
        throw error;
      });
    } catch (error) {
      if (error instanceof TinctError && error.code === "resource_exhausted") return undefined;
      throw error;
    }
  }

  /** Waits until a run's job is over and records what came of it. */
  async #awaitRun(sweep: Sweep, { jobId }: SweepRun, signal: AbortSignal): Promise<string> {
    const { store, feed } = this.#options;
    const ending = await measureRun({ store, feed }, sweep.spec.metric, jobId, signal);
    await store.sweeps.endRun(sweep.id, jobId, ending);
    this.#changed(sweep.id);
    return jobId;
  }

  /**
   * Records what becomes of the jobs of a sweep that is over, as they end.
   *
   * @returns the sweep when those are recorded that have ended already; undefined where none has.
   */
  async #settle(sweep: Sweep): Promise<Sweep | undefined> {
    const { store, onError } = this.#options;
    let newest: Sweep | undefined;
    if (store.isShared) this.#settled.add(sweep.id); // it is looked at again and again
    try {
      for (const run of sweep.runs.filter(({ outcome }) => outcome === undefined)) {
        const recorded = this.#awaitRun(sweep, run, this.#stop.signal).catch((error: unknown) => {
          const isDeleted = error instanceof TinctError && error.code === "not_found";
          if (isStoreAway(error)) this.#settled.delete(sweep.id); // the next look tries again
          if (!this.#stop.signal.aborted && !isDeleted) {
            onError(sweep.id, `The outcome of job ${run.jobId} could not be recorded.`, error);
          }
        }).finally(() => this.#settling.delete(recorded));
        this.#settling.add(recorded);
        if (!await isOver(store, run.jobId)) continue;
        await recorded;
        newest = await store.sweeps.get(sweep.id);
      }
    } catch (error) {
      this.#settled.delete(sweep.id);
      onError(sweep.id, "The jobs of a sweep that is over could not be read.", error);
    }
    return newest;
  }

  async #finish({ id, spec, runs }: Sweep): Promise<void> {
    const { store } = this.#options;
    if (bestRun(spec, runs) !== undefined) await store.sweeps.end(id, "SUCCEEDED");
    else {
      await store.sweeps.end(
        id,
        "FAILED",
        `No trial was measured: ${counted(runs.length, "job")} failed or ` +
          `${runs.length === 1 ? "was" : "were"} cancelled; see the failures.`,
      );
    }
    this.#changed(id);
  }

  async #fail(sweepId: string, cause: unknown): Promise<void> {
    const { store, onError } = this.#options;
    try {
      if ((await store.sweeps.get(sweepId)).state !== "RUNNING") return; // cancelled elsewhere
      // A fault of this program has a message that is not for clients.
      const message = cause instanceof TinctError
        ? withoutStore(cause).message
        : "The sweep stopped at an error of the server; the server's log has the cause.";
      onError(sweepId, "A sweep cannot go on.", cause);
      const ended = await store.sweeps.end(sweepId, "FAILED", message);
      this.#changed(sweepId);
      await this.#settle(ended);
    } catch (error) {
      onError(sweepId, "A sweep's end could not be recorded.", error);
    }
  }

  async #cancelJob(sweepId: string, jobId: string): Promise<void> {
    try {
      await this.#options.cancelJob(jobId);
    } catch (error) {
      if (!isOverError(error)) {
        this.#options.onError(sweepId, `Job ${jobId} could not be cancelled.`, error);
      }
    }
  }

  #changed(sweepId: string): void {
    const change = this.#changes.get(sweepId);
    clearTimeout(change?.looking);
    change?.resolve();
    this.#changes.delete(sweepId);
  }
}

/** Whether the store refused something of a job or a sweep because that is over, or gone. */
function isOverError(error: unknown): boolean {
  return error instanceof TinctError && ["failed_precondition", "not_found"].includes(error.code);
}

/** Whether a job has ended; one that is gone has. */
async function isOver(store: Store, jobId: string): Promise<boolean> {
  try {
    return isTerminal((await store.jobs.get(jobId)).state);
  } catch (error) {
    if (error instanceof TinctError && error.code === "not_found") return true;
    throw error;
  }
}

function nameOfTrial({ displayName, id }: Sweep, trial: number, values: TrialValues): string {
  const chosen = Object.entries(values).map(([name, value]) => `${fieldName(name)} ${value}`)
    .join(", ");
  return `${displayName || id}, trial ${trial}: ${chosen}`.slice(0, 200);
}

/** A promise that may reject when nobody waits for it any more. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
