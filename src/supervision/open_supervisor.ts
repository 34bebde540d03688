import { preparedSetsFolder, runsFolder } from "../files/data_folder.ts";
import { ensureFolder } from "../files/make_folder.ts";
import type { Job } from "../jobs/job.ts";
import type { JobState } from "../jobs/job_state.ts";
import { dropKeptPhotos } from "./kept_photos.ts";
import { LeaseKeeper } from "./lease_keeper.ts";
import type { Supervisor } from "./supervisor.ts";
import type { AttemptSetting } from "./training_attempt.ts";
import { TrainingSlot } from "./training_slot.ts";

/**
 * Recovers what a dead server left in the store, and begins to run its jobs. Where the store is shared,
 * the server has its lease already.
 *
 * @returns the supervisor, which the caller drains and disposes of before the hub and the store.
 * @throws {TinctError} what the store throws.
 */
export async function openSupervisor(setting: AttemptSetting): Promise<Supervisor> {
  const { options, limits, log } = setting;
  const { store, dataFolder } = options;
  await ensureFolder(runsFolder(dataFolder));
  await ensureFolder(preparedSetsFolder(dataFolder));
  const devices = options.runsJobs === false ? [] : options.devices;
  const slots = devices.map((device) => new TrainingSlot(setting, device));
  const wake = () => slots.forEach((slot) => slot.wake());
  const interrupt = (jobId: string, graceMs: number) =>
    slots.forEach((slot) => slot.interrupt(jobId, graceMs));
  // What was left comes before any job is begun. Where other servers may live, nothing is known of their
  // jobs yet: while the database was away nobody could renew a lease.
  const lapsed = !store.isShared || options.isAlone === true;
  for (const { id, state } of await store.jobs.recover({ lapsed })) {
    const message = `The server before this one left the job behind; it is ${state} now.`;
    log({ level: "info", message, jobId: id });
  }
  const sharing = store.isShared ? await share(setting, slots, { wake, interrupt }) : undefined;
  wake();
  return {
    wake,
    async cancel(jobId) {
      const job = await store.jobs.trigger(jobId, "cancel_requested");
      if (job.state === "CANCELLING") interrupt(jobId, limits.cancelTimeoutMs);
      // Of one that a worker has, its slot says when it is over.
      if (job.state === "CANCELLED") log({ level: "info", message: "A job was cancelled.", jobId });
      await dropKeptPhotos(dataFolder, job);
      return job;
    },
    async pause(jobId) {
      const job = await store.jobs.trigger(jobId, "pause_requested");
      if (job.state === "PAUSING") interrupt(jobId, limits.pauseTimeoutMs);
      return job;
    },
    async resume(jobId, { maxQueued } = {}) {
      const job = await store.jobs.trigger(jobId, "resume_requested", { maxQueued });
      wake();
      return job;
    },
    devices: () => slots.map((slot) => slot.status),
    async drain({ timeoutMs }) {
      await Promise.all(slots.map((slot) => slot.drain(timeoutMs)));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(slots.map((slot) => slot.close()));
      await sharing?.[Symbol.asyncDispose]();
    },
  };
}

/** Keeps the lease of a server that shares its store, and hears of what others wish of its jobs. */
async function share(
  { options, limits, log }: AttemptSetting,
  slots: readonly TrainingSlot[],
  { wake, interrupt }: {
    readonly wake: () => void;
    readonly interrupt: (jobId: string, graceMs: number) => void;
  },
): Promise<AsyncDisposable> {
  const { store } = options;
  const graceMs: Readonly<Partial<Record<JobState, number>>> = {
    CANCELLING: limits.cancelTimeoutMs,
    PAUSING: limits.pauseTimeoutMs,
  };
  /** The wish that was granted last, by job: a worker that is asked again has its whole time again. */
  const granted = new Map<string, string>();
  const grant = (jobId: string, { state, epoch }: Pick<Job, "state" | "epoch">) => {
    const ms = graceMs[state];
    const wish = `${state} ${epoch}`;
    if (ms === undefined || granted.get(jobId) === wish) return;
    granted.set(jobId, wish);
    interrupt(jobId, ms);
  };
  const keeper = await LeaseKeeper.begin({
    store,
    leaseMs: limits.leaseMs,
    log,
    slots: {
      wake,
      renew: (endMs) => slots.forEach((slot) => slot.renewLease(endMs)),
      compare(held) {
        for (const slot of slots) slot.compare(held);
        for (const job of held) grant(job.jobId, job);
        for (const jobId of granted.keys()) {
          if (!held.some((job) => job.jobId === jobId)) granted.delete(jobId);
        }
      },
      suspend: (graceMs) => slots.forEach((slot) => slot.suspend(graceMs)),
    },
  });
  const listening = store.onAppended(({ jobId, isElsewhere }) => {
    if (!isElsewhere || !slots.some(({ status }) => status.jobId === jobId)) return;
    // Not awaited: where the store is away, the next renewal tells the same.
    void store.jobs.get(jobId).then((job) => grant(jobId, job), () => {});
  });
  return {
    async [Symbol.asyncDispose]() {
      listening[Symbol.dispose]();
      await keeper[Symbol.asyncDispose]();
    },
  };
}
