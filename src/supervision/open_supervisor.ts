import { ensureFolder } from "../files/make_folder.ts";
import { messageOf, TinctError } from "../errors.ts";
import { ColorizeQueue } from "../colorizing/colorize_queue.ts";
import { preparedSetsFolder, runsFolder } from "../files/data_folder.ts";
import { inspectDataset } from "../fleet/inspect_dataset.ts";
import { localProcesses } from "../fleet/local_process.ts";
import { dropKeptPhotos } from "./kept_photos.ts";
import { measureTraining } from "../fleet/measure_training.ts";
import { findModel } from "../colorizing/model_finder.ts";
import { SheetScaler } from "../fleet/sheet_scaler.ts";
import type { Supervisor } from "./supervisor.ts";
import { defaultSupervisorLimits } from "../fleet/fleet_options.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";
import type { AttemptSetting } from "./training_attempt.ts";
import { TrainingSlot } from "./training_slot.ts";
import { Turnstile } from "../fleet/turnstile.ts";
import { WorkerHub } from "../fleet/worker_hub.ts";

export { defaultSupervisorLimits } from "../fleet/fleet_options.ts";

/** Datasets that may wait to be looked at; those that more than one call asks for wait once. */
const MAX_WAITING_INSPECTIONS = 100;

/**
 * Recovers what a dead server left in the store, and begins to run its jobs.
 *
 * @returns the supervisor, which the caller drains and disposes of before the store.
 * @throws {TinctError} what the store throws; failed_precondition where no socket can be made.
 */
export async function openSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { store, dataFolder, log } = options;
  await ensureFolder(runsFolder(dataFolder));
  await ensureFolder(preparedSetsFolder(dataFolder));
  for (const { id, state } of await store.jobs.recover()) {
    const message = `The server before this one left the job behind; it is ${state} now.`;
    log({ level: "info", message, jobId: id });
  }
  const hub = await openHub(options);
  const limits = { ...defaultSupervisorLimits, ...options.limits };
  const setting: AttemptSetting = { hub, place: localProcesses, limits, log, options };
  const slots = options.devices.map((device) => new TrainingSlot(setting, device));
  const queue = new ColorizeQueue(setting, (model) => findModel(store, dataFolder, model));
  const scaler = new SheetScaler(setting);
  const inspections = () =>
    new Turnstile(limits.maxInspections, {
      what: "datasets that are looked at",
      most: MAX_WAITING_INSPECTIONS,
    });
  // Who submits a job does not wait for whole folders that others want to know about.
  const [wholeLooks, firstLooks] = [inspections(), inspections()];
  const closing = new AbortController();
  const untilClosing = (signal: AbortSignal | undefined) =>
    AbortSignal.any(signal ? [signal, closing.signal] : [closing.signal]);
  let measuring = false;
  const wake = () => slots.forEach((slot) => slot.wake());
  const interrupt = (jobId: string, graceMs: number) =>
    slots.forEach((slot) => slot.interrupt(jobId, graceMs));
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
    colorize: (photo, settings, call = {}) => queue.colorize(photo, settings, call),
    findModel: (model) => findModel(store, dataFolder, model),
    preload: (folder) => queue.preload(folder),
    isLoaded: (folder) => queue.isLoaded(folder),
    async inspect(folder, { signal, ...options } = {}) {
      const waiting = untilClosing(signal);
      const looks = options.untilTrained !== undefined ? firstLooks : wholeLooks;
      using _turn = await looks.enter(waiting);
      return await inspectDataset(setting, folder, options, waiting);
    },
    async measure(measurement, { signal } = {}) {
      const [slot] = slots;
      if (measuring || slot === undefined) {
        throw new TinctError("resource_exhausted", "Another measurement runs; ask again later.");
      }
      measuring = true;
      try {
        return await measureTraining(setting, measurement, slot.status, untilClosing(signal));
      } finally {
        measuring = false;
      }
    },
    scaleSheet: (sheet, { signal } = {}) => scaler.scale(sheet, untilClosing(signal)),
    devices: () => slots.map((slot) => slot.status),
    async drain({ timeoutMs = 30_000 } = {}) {
      closing.abort(new TinctError("unavailable", "The server stops."));
      await Promise.all([
        ...slots.map((slot) => slot.drain(timeoutMs)),
        queue.drain(timeoutMs),
        scaler.close(),
      ]);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new TinctError("unavailable", "The server stops."));
      await Promise.all([...slots.map((slot) => slot.close()), queue.close(), scaler.close()]);
      await hub[Symbol.asyncDispose]();
    },
  };
}

async function openHub({ programVersion, dataFolder }: SupervisorOptions): Promise<WorkerHub> {
  try {
    return await WorkerHub.open(programVersion, dataFolder);
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `No socket for workers can be made (${messageOf(cause)}): give a data folder with a ` +
        "shorter path, or set TMPDIR to one that can be written to.",
      { cause },
    );
  }
}
