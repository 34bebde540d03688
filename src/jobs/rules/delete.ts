import { TinctError } from "../../errors.ts";
import type { Job } from "../job.ts";
import { isTerminal, type JobState } from "../job_state.ts";

/** What bears on a deletion. */
interface DeleteFacts {
  readonly job: Job;
  /** A job that begins with a checkpoint of it, is in one of `heirStates`, and has none of its own. */
  readonly heir: Job | undefined;
}

/** A job to be deleted, with its events and the record of its checkpoints. */
export interface JobDeletion {
  readonly jobId: string;
  /** As the job was when this was decided: a driver refuses where it has changed since. */
  readonly expectedState: JobState;
}

/** States in which a job that has no checkpoint of its own may still begin with another's. */
export const heirStates: readonly JobState[] = ["QUEUED", "RUNNING", "PAUSING", "PAUSED"];

/**
 * Deletes a job.
 *
 * @throws {TinctError} failed_precondition: it is not over, or another needs a checkpoint of it.
 */
export function deleteJob({ job, heir }: DeleteFacts): JobDeletion {
  const { id, state } = job;
  if (!isTerminal(state)) {
    throw new TinctError(
      "failed_precondition",
      `Job ${id} is ${state} and cannot be deleted; cancel it first.`,
    );
  }
  if (heir) {
    throw new TinctError(
      "failed_precondition",
      `Job ${heir.id} is ${heir.state} and starts from a checkpoint of job ${id}; cancel it ` +
        "first, or wait until it has its own checkpoint.",
    );
  }
  return { jobId: id, expectedState: state };
}
