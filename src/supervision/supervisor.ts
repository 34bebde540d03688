import type { DatasetReport__Output } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { ResourceReport__Output } from "../protocol/generated/tinct/v1/resource_report.ts";
import type { ColorizeCall, ColorizedPhoto, ColorizeSettings } from "../colorizing/colorizing.ts";
import type { ModelSource, ResolvedModel } from "../colorizing/model_reference.ts";
import type { SlotStatus } from "../fleet/device_slots.ts";
import type { InspectionOptions } from "../fleet/inspect_dataset.ts";
import type { Job } from "../jobs/job.ts";
import type { Measurement } from "../fleet/measure_training.ts";
import type { Picture, SheetToScale } from "../fleet/sheet_scaler.ts";

/**
 * Runs the jobs of a store in worker processes, and colorizes photos in another. Events of workers
 * go to the store; whoever watches sees them there.
 *
 * What it writes as events' payloads are the messages of the protos as JSON, fields in camelCase,
 * enums by name, absent fields left out: `losses` is a tinct.v1.Losses, `validation` a
 * tinct.v1.Validation, `log` a tinct.v1.LogEntry, `heartbeat` a tinct.v1.HeartbeatEvent, `sample` a
 * tinct.worker.v1.SampleFile and `checkpoint` a tinct.worker.v1.SavedCheckpoint, both with a path
 * relative to the data folder. The details of a `state` are a `StateDetails`.
 *
 * Disposing of it kills what still runs; `drain` first to keep what has been trained.
 */
export interface Supervisor extends AsyncDisposable {
  /** Looks for waiting jobs; to be called after one was queued. */
  wake(): void;
  /** @returns the job as it is now; it ends after its current step. @throws as `JobStore.trigger`. */
  cancel(jobId: string): Promise<Job>;
  /** @returns the job as it is now, PAUSING where a worker has it. @throws as `JobStore.trigger`. */
  pause(jobId: string): Promise<Job>;
  /** @throws as `JobStore.trigger`: resource_exhausted when the queue is full, among others. */
  resume(jobId: string, options?: { readonly maxQueued?: number }): Promise<Job>;
  /**
   * Colorizes a photo. The first call starts the worker, which stays.
   *
   * @param photo an encoded photo of any size; is not copied and must not change until the end.
   * @throws {TinctError} invalid_argument (no photo that can be read, or too large), not_found (no
   *   such model, job or checkpoint), failed_precondition (the job has no checkpoint yet),
   *   resource_exhausted (too many photos wait), unavailable (the worker was lost, or the server
   *   stops); the signal's reason when it is aborted.
   */
  colorize(
    photo: Uint8Array,
    settings: ColorizeSettings,
    call?: ColorizeCall,
  ): Promise<ColorizedPhoto>;
  /** Finds a model without loading it. @throws {TinctError} as `colorize` does of models. */
  findModel(model: ModelSource): Promise<ResolvedModel>;
  /**
   * Loads a model that is to be promoted, so that the first photo need not wait for it, and a damaged
   * one is refused. Until it is loaded, those that are loaded stay so.
   *
   * @param folder of its checkpoint, absolute.
   * @returns keeps it loaded until disposed of.
   * @throws {TinctError} what loading it failed with.
   */
  preload(folder: string): Promise<Disposable>;
  /** Whether the model in this folder is in a worker's memory now. @param folder absolute. */
  isLoaded(folder: string): boolean;
  /**
   * Has a worker look at every photo of a folder, of which there may be none. Only so many work at a
   * time; the others wait.
   *
   * @param folder absolute.
   * @throws {TinctError} not_found, resource_exhausted (too many wait), and what the worker failed
   *   with; the signal's reason.
   */
  inspect(
    folder: string,
    options?: InspectionOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<DatasetReport__Output>;
  /**
   * Has a worker train a few steps on the first device, whether a job runs there or not.
   *
   * @throws {TinctError} resource_exhausted: another measurement runs, or the worker was lost, most
   *   likely for want of memory; what the worker failed with; the signal's reason.
   */
  measure(
    measurement: Measurement,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ResourceReport__Output>;
  /**
   * Has a worker scale a sample sheet, one at a time. The first call starts the worker, which ends when
   * no more sheets come.
   *
   * @throws {TinctError} not_found (its file is gone), data_loss (it is no PNG), resource_exhausted
   *   (too many sheets wait), unavailable (the worker was lost, or the server stops); the signal's reason.
   */
  scaleSheet(
    sheet: SheetToScale,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Picture>;
  /** The devices that jobs run on, with the jobs that hold them. */
  devices(): readonly SlotStatus[];
  /**
   * Ends all work: running jobs write a checkpoint and are QUEUED again, photos that were taken in
   * are finished. Takes in nothing more. What is not over in time is killed, and goes on from its
   * last checkpoint at the next start.
   */
  drain(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** What the supervisor tells watchers beside a change of state, in `StatePayload.details`. */
export interface StateDetails {
  /** One sentence for a person. */
  readonly message?: string;
  /** Exit code of a worker that was lost. */
  readonly exitCode?: number;
  /** Signal that ended it, such as "SIGKILL". */
  readonly signal?: string;
  /** Training steps done, as far as is known. */
  readonly step?: number;
}
