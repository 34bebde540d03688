import type { Job } from "../../../src/jobs/job.ts";
import { holdsSlot, isTerminal, type JobState } from "../../../src/jobs/job_state.ts";

/** A job as a store would give it in a state. */
export function jobOf(state: JobState, rest: Partial<Job> = {}): Job {
  const attempt = holdsSlot(state) || state === "SUCCEEDED" || state === "FAILED" ? 1 : 0;
  return {
    id: "job-1",
    state,
    attempt,
    epoch: attempt,
    lostWorkers: 0,
    queuePlace: state === "QUEUED" ? 1 : undefined,
    slot: holdsSlot(state) ? "gpu-0" : undefined,
    owner: holdsSlot(state) ? "server-1" : undefined,
    displayName: "",
    labels: {},
    dataset: "photos",
    config: {},
    origin: undefined,
    failure: state === "FAILED" ? { code: "internal", message: "It failed." } : undefined,
    lastSequence: 3,
    createdAtMs: 10,
    updatedAtMs: 20,
    startedAtMs: attempt > 0 ? 15 : undefined,
    finishedAtMs: isTerminal(state) ? 20 : undefined,
    ...rest,
  };
}
