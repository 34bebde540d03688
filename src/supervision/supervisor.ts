import type { SlotStatus } from "../fleet/device_slots.ts";
import type { Job } from "../jobs/job.ts";

/**
 * Runs the jobs of a store in worker processes. Events of workers go to the store; a watcher
 * sees them there.
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
  /** The devices that jobs run on, with the jobs that hold them; none where it runs none. */
  devices(): readonly SlotStatus[];
  /**
   * Has running jobs write a checkpoint and be QUEUED again, and begins no other. What is not over in
   * time is killed, and goes on from its last checkpoint at the next start.
   */
  drain(options: { readonly timeoutMs: number }): Promise<void>;
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
