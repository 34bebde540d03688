import type { Job, JobFailure } from "../jobs/job.ts";
import type { StateDetails } from "./supervisor.ts";
import type { WorkerLog, WorkerLogLine } from "../fleet/fleet_options.ts";

/** What the log says of a job that gives up its device, by the state that it comes to. */
const endings: Readonly<Partial<Record<Job["state"], string>>> = {
  SUCCEEDED: "A job succeeded.",
  FAILED: "A job failed.",
  CANCELLED: "A job was cancelled.",
  PAUSED: "A job paused.",
  QUEUED: "A job went back to the queue.",
};

/** What the log says of one device's jobs. */
export class SlotLog {
  readonly #log: WorkerLog;
  readonly #device: string;

  constructor(log: WorkerLog, device: string) {
    this.#log = log;
    this.#device = device;
  }

  /** Writes a line. */
  write(
    level: WorkerLogLine["level"],
    message: string,
    { fields, ...rest }: Pick<WorkerLogLine, "jobId" | "fields" | "error"> = {},
  ): void {
    this.#log({ level, message, fields: { device: this.#device, ...fields }, ...rest });
  }

  /** Says that a job begins, or goes on in another worker's place. */
  began({ id: jobId, attempt, dataset }: Job): void {
    this.write("info", "A job begins.", { jobId, fields: { attempt, dataset } });
  }

  /** Says what a job came to, where it gives up the device. */
  moved(
    { id: jobId, state, attempt }: Job,
    { step, message }: StateDetails,
    failure: JobFailure | undefined,
  ): void {
    const told = endings[state];
    if (told === undefined) return;
    const fields = { attempt, step, code: failure?.code, reason: failure?.message ?? message };
    this.write(state === "FAILED" ? "warning" : "info", told, { jobId, fields });
  }
}
