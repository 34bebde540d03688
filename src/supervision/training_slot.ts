import { messageOf, TinctError } from "../errors.ts";
import { errorOf, newReference } from "../protocol/faults.ts";
import type { SlotDevice, SlotStatus } from "../fleet/device_slots.ts";
import type { Job, JobFailure, TriggerDetails } from "../jobs/job.ts";
import type { HeldJob } from "../jobs/store.ts";
import { isLeaseLost, isStoreAway, withoutStore } from "../jobs/store_away.ts";
import type { JobTrigger } from "../jobs/job_state.ts";
import { dropKeptPhotos } from "./kept_photos.ts";
import { SlotLog } from "./slot_log.ts";
import type { StateDetails } from "./supervisor.ts";
import { type AttemptEnd, type AttemptSetting, TrainingAttempt } from "./training_attempt.ts";
import { describeLoss } from "../fleet/worker_session.ts";
import { LEASE_OVER } from "../protocol/lease_over.ts";

type Trigger = Exclude<JobTrigger, "submitted" | "started">;

/** How long to wait before the store is asked again after it failed. */
const STORE_RETRY_MS = 5000;

/** What a stop of the server asks of a worker: how long it may take. */
interface Draining {
  readonly graceMs: number;
}

/** Runs jobs on one device, one after the other. */
export class TrainingSlot {
  readonly #setting: AttemptSetting;
  readonly #device: SlotDevice;
  readonly #log: SlotLog;
  #job: Job | undefined;
  #attempt: TrainingAttempt | undefined;
  /** Ends the waiting that may be going on between two attempts. */
  #stopWaiting = () => {};
  #draining: Draining | undefined;
  /** When this server's lease on its jobs ends, by `performance.now()`; undefined where it needs none. */
  #leaseEndMs: number | undefined;
  #isAwake = false;
  #wakeAgain = false;
  #work: Promise<void> = Promise.resolve();

  constructor(setting: AttemptSetting, device: SlotDevice) {
    this.#setting = setting;
    this.#device = device;
    this.#log = new SlotLog(setting.log, device.name);
  }

  /** The device and the job that holds it. */
  get status(): SlotStatus {
    return { ...this.#device, jobId: this.#job?.id };
  }

  /** Looks for a waiting job, unless one runs. */
  wake(): void {
    this.#wakeAgain = true;
    if (this.#isAwake || this.#draining) return;
    this.#isAwake = true;
    this.#work = this.#runJobs();
  }

  /** Tells the job's worker, where this slot has the job, that it is no longer to run. */
  interrupt(jobId: string, graceMs: number): void {
    if (this.#job?.id !== jobId) return;
    this.#stopWaiting();
    this.#attempt?.stop(graceMs);
  }

  /** Ends the job's worker where the store says that this server has the job no longer. */
  compare(held: readonly HeldJob[]): void {
    const job = this.#job;
    if (job === undefined || this.#attempt === undefined) return;
    const isHere = held.some(({ jobId, epoch }) => jobId === job.id && epoch >= job.epoch);
    if (isHere) return;
    this.#stopWaiting();
    this.#attempt.kill("another server has its job");
  }

  /** Learns when this server's lease on its jobs ends, and tells the running job's worker. */
  renewLease(endMs: number): void {
    this.#leaseEndMs = endMs;
    this.#attempt?.renewLease(endMs - performance.now());
  }

  /** Has the running job stop, with a checkpoint, before this server's lease on it ends. */
  suspend(graceMs: number): void {
    this.#stopWaiting();
    this.#attempt?.suspend(graceMs);
  }

  /** Has the running job write a checkpoint and go back to the queue; takes no other. */
  async drain(graceMs: number): Promise<void> {
    this.#draining ??= { graceMs };
    this.#stopWaiting();
    this.#attempt?.stop(graceMs);
    await this.#work;
  }

  /** Kills the running job's worker; the job goes on at the next start. */
  async close(): Promise<void> {
    this.#draining ??= { graceMs: 0 };
    this.#stopWaiting();
    this.#attempt?.kill("the server ended");
    await this.#work;
  }

  async #runJobs(): Promise<void> {
    const { store } = this.#setting.options;
    while (this.#wakeAgain && !this.#draining) {
      this.#wakeAgain = false;
      try {
        const job = await store.jobs.claim(this.#device.name);
        if (job === undefined) continue;
        this.#wakeAgain = true;
        this.#job = job;
        this.#log.began(job);
        using _following = store.follow(job.id);
        await this.#run(job);
      } catch (error) {
        this.#wakeAgain = true;
        if (isLeaseLost(error) && store.isShared) {
          const message = "Another server has the job now; what this one had of it is dropped.";
          this.#log.write("warning", message, { jobId: this.#job?.id });
          continue;
        }
        this.#log.write("error", `The queue cannot continue for now: ${messageOf(error)}`, {
          error,
          jobId: this.#job?.id,
        });
        await this.#wait(STORE_RETRY_MS);
        await this.#release();
      } finally {
        this.#job = undefined;
      }
    }
    this.#isAwake = false; // in the same moment as the look at #wakeAgain, so that no wake is lost
  }

  /** Gives back what the store may still think this slot has. */
  async #release(): Promise<void> {
    const { store } = this.#setting.options;
    try {
      const states = ["RUNNING", "PAUSING", "CANCELLING"] as const;
      const { jobs } = await store.jobs.list({ states }, { pageSize: 1000 });
      for (const { id, owner, slot, attempt, epoch } of jobs) {
        if (owner !== store.owner || slot !== this.#device.name) continue;
        await store.jobs.trigger(id, "server_stopped", { attempt, epoch });
      }
    } catch (error) {
      this.#log.write("error", `A job could not be given back: ${messageOf(error)}`, {
        error,
        jobId: this.#job?.id,
      });
    }
  }

  /** Runs a job until it holds the slot no longer. */
  async #run(claimed: Job): Promise<void> {
    let job = claimed;
    while (true) {
      const end = await this.#tryOnce(job);
      if ("error" in end) {
        if (isStoreAway(end.error)) throw end.error; // the job is not to blame, and is given back
        return await this.#settle(job, end.error);
      }
      const next = await this.#afterwards(job, end);
      if (next === undefined) return;
      job = next;
    }
  }

  /** @returns how the worker ended, or why it could not be started. */
  async #tryOnce(job: Job): Promise<AttemptEnd | { readonly error: unknown }> {
    try {
      const attempt = await TrainingAttempt.start(this.#setting, job, this.#device);
      this.#attempt = attempt;
      if (this.#leaseEndMs !== undefined) {
        attempt.renewLease(this.#leaseEndMs - performance.now());
      }
      // What was asked for meanwhile found no worker to tell.
      if (this.#draining) attempt.stop(this.#draining.graceMs);
      else if ((await this.#current(job)).state !== "RUNNING") attempt.stop(this.#cancelMs);
      return await attempt.ended;
    } catch (error) {
      this.#attempt?.kill("its job could not be read");
      await this.#attempt?.ended;
      return { error };
    } finally {
      this.#attempt = undefined;
    }
  }

  get #cancelMs(): number {
    return this.#setting.limits.cancelTimeoutMs;
  }

  async #current({ id }: Job): Promise<Job> {
    return await this.#setting.options.store.jobs.get(id);
  }

  /** @returns the job where another worker is to go on with it. */
  async #afterwards(job: Job, end: AttemptEnd): Promise<Job | undefined> {
    const { finished, failure } = end;
    if (failure) throw failure.error; // the store's
    if (end.neverBegan) return await this.#answerStop(job, {});
    const isLeaseOver = finished === undefined && end.exit.code === LEASE_OVER;
    if (isLeaseOver) return await this.#answerStop(job, {});
    const details: StateDetails = end.step === undefined ? {} : { step: end.step };
    switch (finished?.outcome) {
      case "OUTCOME_SUCCEEDED":
        await this.#trigger(job, () => ["succeeded"], {
          ...details,
          ...(finished.message !== "" && { message: finished.message }),
        });
        return undefined;
      case "OUTCOME_STOPPED":
        return await this.#answerStop(job, details);
      case "OUTCOME_PAUSED":
        await this.#trigger(job, (state) => [stopTriggers[state] ?? "health_paused"], {
          ...details,
          message: finished.message,
        });
        return undefined;
      case "OUTCOME_FAILED": {
        const error = finished.fault
          ? errorOf(finished.fault)
          : new TinctError("internal", "Training failed without a reason.");
        await this.#settle(job, error, details);
        return undefined;
      }
      default:
        return await this.#replace(job, end);
    }
  }

  /** Nothing runs any more, as was asked for. */
  async #answerStop(job: Job, details: StateDetails): Promise<undefined> {
    await this.#trigger(job, (state) => [stopTriggers[state] ?? "server_stopped"], details);
  }

  /** After a worker was lost. */
  async #replace(job: Job, end: AttemptEnd): Promise<Job | undefined> {
    const { maxLostWorkers, restartDelaysMs } = this.#setting.limits;
    const losses = job.lostWorkers + 1;
    const details = lossDetails(end);
    this.#log.write("warning", details.message ?? "", { jobId: job.id });
    const next = await this.#trigger(job, (state) => {
      if (this.#draining) return ["server_stopped"];
      if (state !== "RUNNING" || losses < maxLostWorkers) return ["worker_lost"];
      return ["failed", { failure: tooManyLosses(losses, end) }];
    }, details);
    if (next.state !== "RUNNING") return undefined;
    await this.#wait(restartDelaysMs[Math.min(losses, restartDelaysMs.length) - 1] ?? 0);
    const later = await this.#current(next);
    if (later.state === "RUNNING" && !this.#draining) return later;
    return await this.#answerStop(later, {});
  }

  /** The job cannot be done. */
  async #settle(job: Job, error: unknown, details: StateDetails = {}): Promise<void> {
    let failure: JobFailure;
    if (error instanceof TinctError) {
      const told = withoutStore(error);
      failure = { code: told.code, message: told.message };
      if (told !== error) this.#log.write("error", error.message, { jobId: job.id, error });
    } else failure = this.#unforeseen(job, error);
    await this.#trigger(job, () => ["failed", { failure }], details);
  }

  /** What watchers are told of an error that nobody foresaw, which the log has in full. */
  #unforeseen({ id: jobId }: Job, error: unknown): JobFailure {
    const reference = newReference();
    const fields = { device: this.#device.name, reference };
    const message = "A job failed unforeseen.";
    this.#setting.log({ level: "error", message, jobId, fields, error });
    return {
      code: "internal",
      message: "Something went wrong in the server; its log says more under the reference " +
        `${reference}.`,
    };
  }

  /**
   * Moves the job along, by its state as it is now: it may be asked to pause or to stop at any
   * moment.
   */
  async #trigger(
    { id, attempt, epoch }: Job,
    choose: (state: Job["state"]) => readonly [Trigger, TriggerDetails?],
    payload: StateDetails,
  ): Promise<Job> {
    const { jobs, owner } = this.#setting.options.store;
    let wasAway = false;
    for (let tries = 1;; tries++) {
      try {
        const before = await jobs.get(id);
        const { state } = before;
        // The call whose answer was lost came to this.
        if (wasAway && before.epoch === epoch + 1 && (before.owner ?? owner) === owner) {
          return before;
        }
        const [trigger, details] = choose(state);
        const all = { attempt, epoch, payload: { ...payload }, ...details };
        const job = await jobs.trigger(id, trigger, all);
        this.#log.moved(job, payload, details?.failure);
        await this.#dropPhotos(job);
        return job;
      } catch (error) {
        if (isStoreAway(error) && !this.#draining) {
          wasAway = true;
          tries = 0;
          await this.#wait(STORE_RETRY_MS);
          continue;
        }
        const isRace = error instanceof TinctError && error.code === "failed_precondition";
        if (!isRace || tries === 3) throw error;
      }
    }
  }

  /** What is left of them goes when a server starts. */
  async #dropPhotos(job: Job): Promise<void> {
    try {
      await dropKeptPhotos(this.#setting.options.dataFolder, job);
    } catch (error) {
      const message = `Prepared photos could not be removed: ${messageOf(error)}`;
      this.#log.write("error", message, { error, jobId: job.id });
    }
  }

  /** Waits, unless it is woken. */
  async #wait(durationMs: number): Promise<void> {
    if (this.#draining) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#stopWaiting = () => {};
  }
}

/** What a worker that has ended is the answer to. */
const stopTriggers: Readonly<Partial<Record<Job["state"], Trigger>>> = {
  PAUSING: "paused",
  CANCELLING: "cancelled",
};

/** What watchers are told of a lost worker. */
function lossDetails(end: AttemptEnd): StateDetails {
  const { code, signal } = end.exit;
  return {
    message: `The worker was lost: ${describeLoss(end)}.`,
    ...(code !== undefined && { exitCode: code }),
    ...(signal !== undefined && { signal }),
    ...(end.step !== undefined && { step: end.step }),
  };
}

function tooManyLosses(losses: number, end: AttemptEnd): JobFailure {
  const last = end.step === undefined ? "before its first step" : `after step ${end.step}`;
  return {
    code: end.outOfMemory ? "resource_exhausted" : "internal",
    message:
      `Training was given up at the ${losses}th lost worker: ${describeLoss(end)}, ${last}. ` +
      memoryAdvice(end) +
      "The checkpoints are kept: look into the server's log, then begin a job with one of them.",
  };
}

/** A sentence and a space, or "". */
function memoryAdvice({ outOfMemory, exit, killedFor }: AttemptEnd): string {
  const wayOut = "a smaller batch_size, size or ngf takes less memory";
  if (outOfMemory) return `${wayOut[0]?.toUpperCase()}${wayOut.slice(1)}. `;
  // Linux ends what takes too much with this signal, and tells nobody but its own log.
  const maybe = exit.signal === "SIGKILL" && killedFor === undefined;
  return maybe ? `If it was the system that was short of memory, ${wayOut}. ` : "";
}
